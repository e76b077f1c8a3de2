"""Parley: a rehearsal table for multi-party negotiation.

The floor plan (imports only go down; neighbours on one floor do not know each other):

    7  cli, commands      what a person types
    6  main               the composition root: the only place where adapters are chosen
    5  web                HTTP, the websocket, the page
    4  evaluator          value (pure), report
    3  orchestrator       procedure (pure rules), turn, runner (the one shell)
    2  delegates | eventlog | library | guard
    1  domain             terms, mandate, case, moves, events, table, bargaining (pure)
    0  settings | errors
"""

__version__ = "0.1.0"
