"""The deliver wing's heart: opaque bytes kept, ordered, sent, answered and accounted for. Knows no FHIR.

message      value objects, states and their legal moves
parcel       what a channel is given and what it may answer
store        the encrypted database: one writer at a time, commits shared
outbox       what we owe others           inbox        what others gave us
lanes        order per recipient + person dispatcher   takes lane heads to their channel
acks         the ladder of evidence       obligations  what events make us owe
quarantine   records we could not send    persons      whom we know, and who is around them
originals    every file as it came, once  editions     which version of a plan stands, and who made it
consequences what was done because of it  checking     whether all is still as it was stored
alarms       what a person must look at   counts       the numbers, counted from the tables
"""
