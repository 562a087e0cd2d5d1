"""The main job, played by three organisations in three processes: a red bag goes out, a discharge comes home.

cast      who takes part, and the configuration file of each
nodes     their processes: started, watched, killed, started again
line      the wire to the hospital, which can be cut at the worst moment
story     the records, their days moved to now
scene     what the steps share, and how one proves that it happened
transfer, living_plan   the steps themselves;  journey: all of them in order
tally     what the three databases say happened
performance  all of it played, counted, and left for people to look at
"""
