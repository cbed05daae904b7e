"""What the recorded household used, by plain summing: the figures that a meter fed with the file must show."""

import csv
import datetime
import pathlib

DATA = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
FILE = DATA / "household_minutes.csv"
QUARTER_S = 900


def integral():
    """(start, end, [(time, Wh)] at every quarter of an hour, total Wh); times are seconds since 1970 in UTC."""
    with FILE.open() as file:
        minutes = [
            (datetime.datetime.strptime(f"{row['Date']} {row['Time']} +0000", "%d/%m/%Y %H:%M:%S %z").timestamp(),
             float(row["Global_active_power"]))
            for row in csv.DictReader(file, delimiter=";")]
    history, total = [], 0.0
    for begin, kilowatts in minutes:
        # A line is the mean over the minute that begins at its time.
        total += kilowatts * 1000 / 60
        end = int(begin) + 60
        if end % QUARTER_S == 0:
            history.append((end, total))
    return int(minutes[0][0]), end, history, total
