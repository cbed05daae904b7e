/// Nothing: a target needs a source, and this one has the precompiled headers of the tests.
