"""What the verbs do, loaded when one is called: a module per verb, and what several of them share."""
