"""Rules and strategies that find derivations; the judge decides whether they are right."""
