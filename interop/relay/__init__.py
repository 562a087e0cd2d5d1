"""The deliver wing's heart: opaque bytes kept, ordered, sent, answered and accounted for. Knows no FHIR.

message      value objects, states and their legal moves
parcel       what a channel is given and what it may answer
store        the encrypted database: one writer at a time, commits shared
outbox       what we owe others           inbox        what others gave us
lanes        order per recipient + person dispatcher   takes lane heads to their channel
acks         the ladder of evidence       obligations  what events make us owe
quarantine   records we could not send    persons      whom we know, and who is around them
alarms       what a person must look at   counts       the numbers, counted from the tables
"""
