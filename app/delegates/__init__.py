"""Who speaks for a seat: the engine, a mediator, a person."""
