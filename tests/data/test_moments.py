"""A timestamp is a moment, however it is written."""

import pytest

MOMENT = 1_600_000_000
WRITTEN = {
    "1600000000": MOMENT,
    " 1600000000 ": MOMENT,
    "1.6e9": MOMENT,
    "1600000000.25": MOMENT + 0.25,
    "1600000000000": MOMENT,
    "1600000000250": MOMENT + 0.25,
    "1600000000000000": MOMENT,
    "1600000000000000000": MOMENT,
    "2020-09-13T12:26:40Z": MOMENT,
    "2020-09-13T12:26:40": MOMENT,
    "2020-09-13 12:26:40": MOMENT,
    "2020-09-13 12:26:40 UTC": MOMENT,
    "2020-09-13T12:26:40.250Z": MOMENT + 0.25,
    "2020-09-13T14:26:40+02:00": MOMENT,
    "2020-09-13T14:26:40+0200": MOMENT,
    "2020-09-13T07:26:40-05:00": MOMENT,
    "2020-09-13T12:26Z": MOMENT - 40,
    "2020-09-13 12:26": MOMENT - 40,
    "2020-09-13": MOMENT - 44_800,
    "2020/9/13": MOMENT - 44_800,
    "13.9.2020": MOMENT - 44_800,
    "13.09.2020 12:26": MOMENT - 40,
    "2020-9-13 02:26:40": MOMENT - 36_000,
    "2020-09-13 2:26:40": MOMENT - 36_000,
    "Sun Sep 13 12:26:40 +0000 2020": MOMENT,
    "Sun Sep 13 05:26:40 -0700 2020": MOMENT,
    "0": 0,
    "-86400": -86_400,
    "1969-12-31": -86_400,
    "883612800": 883_612_800,
}


@pytest.mark.parametrize(("text", "seconds"), WRITTEN.items(), ids=WRITTEN)
def test_every_way_to_write_a_moment(pantry, text, seconds):
    told = pantry(interactions={"a.csv": f'user_id,item_id,timestamp\nu,i,"{text}"\nv,i,"{text}"\n'})
    assert told.interactions.timestamps.tolist() == [seconds, seconds]


def test_mixed_in_one_column_they_are_one_time_line(pantry):
    mixed = ["1600000000", "2020-09-13T12:26:41Z", "1600000002000", "2020-09-13T12:26:43+00:00", "1600000004"]
    rows = [f"u,{at},{text}" for at, text in enumerate(mixed)]
    told = pantry(interactions={"a.csv": "\n".join(["user_id,item_id,timestamp", *reversed(rows)])})
    assert told.interactions.timestamps.tolist() == [MOMENT + at for at in range(5)]
    assert [told.catalogue.ids[item] for item in told.interactions.items] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "text", ["soon", "2020-13-01", "20/09/2020", "3/4/2021", "32.1.2020", "1e25", "inf", "2020-09-13T25:00:00"]
)
def test_what_is_no_moment_is_refused(pantry, text):
    rows = "".join(f"u{n},i,1600000000\n" for n in range(9))
    told = pantry(interactions={"a.csv": f"user_id,item_id,timestamp\n{rows}u,i,{text}\n"})
    assert told.warnings[0].endswith("nor a date such as 2021-03-04 10:11 (a.csv:11)")
