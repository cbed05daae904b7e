"""Our client against the servers of others."""


def checks(report, program, server_programs):
    pass
