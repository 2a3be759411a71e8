"""Quantities: bounds, units, rates, changes, and the numbers that are none. All sentences are our own."""

import pytest

from schemas.figure import Number
from streams.core import quantities
from streams.core.quantities import Figure


def read(text: str) -> list[Figure]:
    return [figure for passage in quantities.read(text).passages for figure in passage.figures]


def only(text: str, quote: str) -> Figure:
    """The figure whose quote is `quote`."""
    found = [figure for figure in read(text) if text[figure.start : figure.end] == quote]
    assert found, f"{quote!r} not read in {text!r}: {[text[f.start : f.end] for f in read(text)]}"
    return found[0]


Bounded = tuple[str, str, Number | None, Number | None, str]

BOUNDS: list[Bounded] = [
    # exact
    ("Guards counted 412 migrants at the ford.", "412", 412, 412, "exact"),
    ("Exactly 2,310 ballots were spoiled.", "2,310", 2310, 2310, "exact"),
    ("Only three beds were free.", "three", 3, 3, "exact"),
    ("Another 24 men were held overnight.", "24", 24, 24, "exact"),
    ("A total of 640 families asked for shelter.", "640", 640, 640, "exact"),
    # approximators
    ("Around 10,000 migrants wait in the camp.", "10,000", 9000, 11000, "approx"),
    ("An estimated 1.6 million people lost power.", "1.6 million", 1440000, 1760000, "approx"),
    ("Some 700 workers walked out.", "700", 630, 770, "approx"),
    ("Roughly 90 boats were seized.", "90", 81, 99, "approx"),
    ("The camp holds about 3,000 children.", "3,000", 2700, 3300, "approx"),
    ("Approximately 50 homes burned.", "50", 45, 55, "approx"),
    ("The crowd was in the region of 20,000 people.", "20,000", 18000, 22000, "approx"),
    ("They need 500 or so tents.", "500", 450, 550, "approx"),
    ("Perhaps 60 people drowned.", "60", 54, 66, "approx"),
    ("Police put the crowd at around 12,000.", "12,000", 10800, 13200, "approx"),
    ("It cost ~500 dollars.", "500", 450, 550, "approx"),
    # lower bounds
    ("More than 135,000 families have arrived since October.", "135,000", 135000, None, "more_than"),
    ("Over 1,000 agents were sent.", "1,000", 1000, None, "more_than"),
    ("At least 23 people died in the flood.", "23", 23, None, "at_least"),
    ("No fewer than 40 villages lost their wells.", "40", 40, None, "at_least"),
    ("A 200-plus crowd gathered.", "200", 200, None, "at_least"),
    ("The list has 300+ names.", "300", 300, None, "at_least"),
    ("The toll surpassed 500 on Friday.", "500", 500, None, "more_than"),
    ("Arrivals topped 4,000 in a week.", "4,000", 4000, None, "more_than"),
    ("The fund holds in excess of $3 billion.", "$3 billion", 3_000_000_000, None, "more_than"),
    ("Well over 100,000 people signed.", "100,000", 100000, None, "more_than"),
    ("A minimum of 50 officers is needed.", "50", 50, None, "at_least"),
    ("Losses of 2,500 jobs or more are feared.", "2,500", 2500, None, "at_least"),
    ("Upwards of 80 shops closed.", "80", 80, None, "more_than"),
    ("The debt exceeds 90 percent of output.", "90 percent", 90, None, "more_than"),
    ("More than about 500 tents are missing.", "500", 500, None, "more_than"),
    ("Just over 600 refugees landed.", "600", 600, None, "more_than"),
    ("Not less than 12 trucks were stopped.", "12", 12, None, "at_least"),
    ("About 70 or more passengers fell ill.", "70", 63, 77, "approx"),
    # upper bounds
    ("As many as 1,800 people may be trapped.", "1,800", 0, 1800, "at_most"),
    ("The ship carries up to 30,000 tonnes of grain.", "30,000", 0, 30000, "at_most"),
    ("No more than 20 visitors are let in.", "20", 0, 20, "at_most"),
    ("Nearly 200 houses collapsed.", "200", 180, 200, "less_than"),
    ("Almost 10,000 pupils stayed away.", "10,000", 9000, 10000, "less_than"),
    ("Fewer than 1,500 crossings were counted.", "1,500", 1350, 1500, "less_than"),
    ("It fell to minus 12 degrees.", "minus 12", -12, -12, "exact"),
    ("Prices rose above the 2 percent target.", "2 percent", 2, 2, "exact"),
    ("Just under 50 percent agreed.", "50 percent", 45, 50, "less_than"),
    ("Close to 900 people were moved.", "900", 810, 900, "less_than"),
    ("The toll is approaching 60.", "60", 54, 60, "less_than"),
    ("At most 15 rebels remain.", "15", 0, 15, "at_most"),
    ("A maximum of 400 tickets will be sold.", "400", 0, 400, "at_most"),
    ("Less than $5 million was spent.", "$5 million", 4_500_000, 5_000_000, "less_than"),
    ("Up to about 800 soldiers could leave.", "800", 0, 800, "at_most"),
    # ranges
    ("Between 159,000 and 192,000 people were displaced.", "159,000 and 192,000", 159000, 192000, "range"),
    ("The blast damaged 20-25 homes.", "20-25", 20, 25, "range"),
    ("Repairs will cost $3 billion to $5 billion.", "$3 billion to $5 billion", 3_000_000_000, 5_000_000_000, "range"),
    ("Repairs will cost $3-5 billion.", "$3-5 billion", 3_000_000_000, 5_000_000_000, "range"),
    ("The shelter takes 200 to 300 migrants.", "200 to 300", 200, 300, "range"),
    ("Some 2,000–3,000 marchers came.", "2,000–3,000", 2000, 3000, "range"),
    ("We saw 15, 16,000 kids in the halls.", "15, 16,000", 15000, 16000, "range"),
    ("We saw 15 to 16,000 kids in the halls.", "15 to 16,000", 15000, 16000, "range"),
    ("Between 5 and 10 percent were hurt.", "5 and 10 percent", 5, 10, "range"),
    ("Two or three boats arrive at dawn.", "Two or three", 2, 3, "range"),
    ("Estimates ranging from 40 to 60 deaths were given.", "40 to 60", 40, 60, "range"),
    ("It takes anywhere from 20 to 40 volunteers.", "20 to 40", 20, 40, "range"),
    ("Rents rose 20% to 30%.", "20% to 30%", 20, 30, "range"),
    ("A herd of 3 to 4 million sheep.", "3 to 4 million", 3_000_000, 4_000_000, "range"),
    ("The crew is 10- to 12-strong.", "10- to 12", 10, 12, "range"),
    ("Between about 300 and 400 guests came.", "300 and 400", 300, 400, "range"),
    # vague
    ("Dozens of migrants were found.", "Dozens", 24, None, "vague"),
    ("Hundreds of people fled.", "Hundreds", 100, None, "vague"),
    ("Thousands marched.", "Thousands", 1000, None, "vague"),
    ("Tens of thousands of people are without water.", "Tens of thousands", 10000, None, "vague"),
    ("Hundreds of thousands of homes lost power.", "Hundreds of thousands", 100000, None, "vague"),
    ("Several hundred fans stayed.", "Several hundred", 200, None, "vague"),
    ("A few thousand troops remain.", "A few thousand", 2000, None, "vague"),
    ("Scores of houses burned.", "Scores", 40, None, "vague"),
    ("Millions of users were affected.", "Millions", 1_000_000, None, "vague"),
    ("Thousands and thousands of birds died.", "Thousands and thousands", 1000, None, "vague"),
    ("The fire destroyed dozens more.", "dozens", 24, None, "vague"),
    ("It cost hundreds of millions of euros.", "hundreds of millions", 100_000_000, None, "vague"),
]


@pytest.mark.parametrize(("text", "quote", "low", "high", "bound"), BOUNDS)
def test_a_figure_has_the_interval_that_its_words_allow(text: str, quote: str, low: Number | None, high: Number | None, bound: str) -> None:
    figure = only(text, quote)
    assert (figure.value.low, figure.value.high, figure.bound) == (low, high, bound)


@pytest.mark.parametrize(
    ("bound", "text", "low_closed", "high_closed", "point"),
    [
        ("exact", "They found 10 boats.", True, True, 10),
        ("approx", "They found about 10 boats.", True, True, 10),
        ("at_least", "They found at least 10 boats.", True, True, None),
        ("more_than", "They found more than 10 boats.", False, True, None),
        ("at_most", "They found up to 10 boats.", True, True, None),
        ("less_than", "They found nearly 10 boats.", True, False, None),
        ("range", "They found 10 to 12 boats.", True, True, None),
        ("vague", "They found dozens of boats.", True, True, None),
    ],
)
def test_which_ends_belong_to_the_interval(bound: str, text: str, low_closed: bool, high_closed: bool, point: Number | None) -> None:
    (figure,) = read(text)
    value = figure.value
    assert (figure.bound, value.low_closed, value.high_closed, value.point) == (bound, low_closed, high_closed, point)


UNITS: list[tuple[str, str, str | None, str]] = [
    # people and what else is counted
    ("Police held 40 men.", "40", "person", "count"),
    ("They freed 310 undocumented children.", "310", "person", "count"),
    ("There are 1,800 National Guard troops.", "1,800", "person", "count"),
    ("The town took in 75 Ukrainian refugees.", "75", "person", "count"),
    ("Hundreds of Hondurans set out.", "Hundreds", "person", "count"),
    ("The 39 others are safe.", "39", "person", "count"),
    ("One person died.", "One", "person", "count"),
    ("The firm will cut 5,000 jobs.", "5,000", "job", "count"),
    ("Officials recorded 2,030 cases of measles.", "2,030", "case", "count"),
    ("The centre has 45,274 detention beds.", "45,274", "bed", "count"),
    ("They intercepted nine boats.", "nine", "boat", "count"),
    ("The army lost 12 tanks.", "12", "tank", "count"),
    ("The search turned up 47 million counterfeit pills.", "47 million", "pill", "count"),
    ("They handed out 6 million meals.", "6 million", "meal", "count"),
    ("The court issued 300 arrest warrants.", "300", "warrant", "count"),
    ("Agents made 51,000 apprehensions in May.", "51,000", "apprehension", "count"),
    ("There were 210,000 encounters last month.", "210,000", "encounter", "count"),
    ("A 20-member delegation flew in.", "20", "person", "count"),
    ("A 10,000-strong crowd sang.", "10,000", "person", "count"),
    ("10.000 migrants waited at the fence.", "10.000", "person", "count"),
    ("Deaths topped 7,000 by noon.", "7,000", "death", "count"),
    ("April apprehensions averaged about 50,000.", "50,000", "apprehension", "count"),
    ("The quake killed at least 230.", "230", "person", "count"),
    ("Of those, 42,504 caught in January were children.", "42,504", "person", "count"),
    ("The number of refugees fell by 900.", "900", "person", "count"),
    ("The 3 companies employ 120 engineers.", "120", "person", "count"),
    ("Crews filled 900 sandbags.", "900", "sandbag", "count"),
    ("They paid for 24 churches and chapels.", "24", "church", "count"),
    ("The flood drowned 8,000 sheep.", "8,000", "sheep", "count"),
    # money
    ("The wall cost $5.7 billion.", "$5.7 billion", "usd", "money"),
    ("The deal is worth €30m.", "€30m", "eur", "money"),
    ("It paid £2.5bn in tax.", "£2.5bn", "gbp", "money"),
    ("The state spent Rs 500 crore on roads.", "Rs 500 crore", "inr", "money"),
    ("The plan costs A$40 million.", "A$40 million", "aud", "money"),
    ("They raised five million dollars.", "five million", "usd", "money"),
    ("A grant of 300 million euros was agreed.", "300 million", "eur", "money"),
    ("He owed US$400,000.", "US$400,000", "usd", "money"),
    ("The fare rose by 50 cents.", "50", "us_cent", "money"),
    ("The firm lost 40 million pounds last year.", "40 million", "gbp", "money"),
    ("Japan will spend ¥2 trillion.", "¥2 trillion", "jpy", "money"),
    ("Damage ran to billions of dollars.", "billions", "usd", "money"),
    # shares and points
    ("Some 40 percent of the homes are empty.", "40 percent", "percent", "share"),
    ("Turnout was 75 per cent.", "75 per cent", "percent", "share"),
    ("Unemployment stands at 4.1%.", "4.1%", "percent", "share"),
    ("The rate rose by 0.3 percentage points.", "0.3", "percentage_point", "points"),
    ("The bank raised its rate by 25 basis points.", "25", "basis_point", "points"),
    # mass, length, area, volume, energy, speed, temperature, data
    ("Agents seized 2,700 pounds of methamphetamine.", "2,700", "lb", "mass"),
    ("They found 13 kg of heroin.", "13", "kg", "mass"),
    ("Farmers shipped 400,000 tonnes of wheat.", "400,000", "tonne", "mass"),
    ("A 3-ton truck sank.", "3", "ton", "mass"),
    ("They walked 4,000km.", "4,000", "km", "length"),
    ("The fence is 55 miles long.", "55", "mile", "length"),
    ("The fire burned 178,000 acres.", "178,000", "acre", "area"),
    ("An area of 600 square miles is closed.", "600", "square_mile", "area"),
    ("It holds 5 million gallons of fuel.", "5 million", "gallon", "volume"),
    ("Output fell to 9 million barrels a day.", "9 million", "barrel", "volume"),
    ("The plant makes 600 megawatts.", "600", "mw", "energy"),
    ("Winds reached 120 mph.", "120", "mph", "speed"),
    ("The laptop has 16 GB of memory.", "16", "gb", "other"),
    ("It was 41 degrees Celsius in the shade.", "41", "degree_celsius", "temperature"),
    ("The phone has 128GB of storage.", "128", "gb", "other"),
    ("The siege lasted 12 days.", "12", "day", "duration"),
    ("They waited for 998 long hours.", "998", "hour", "duration"),
    # multiples and fractions
    ("Arrests doubled in a year.", "doubled", "times", "multiple"),
    ("It was a fivefold rise.", "fivefold", "times", "multiple"),
    ("There are three times as many boats.", "three", "times", "multiple"),
    ("It is twice the size of the old one.", "Twice".lower(), "times", "multiple"),
]


@pytest.mark.parametrize(("text", "quote", "unit", "dimension"), UNITS)
def test_the_unit_is_what_is_counted_or_measured(text: str, quote: str, unit: str | None, dimension: str) -> None:
    figure = only(text, quote)
    assert (figure.unit, figure.dimension) == (unit, dimension)


RATES: list[tuple[str, str, str | None]] = [
    ("Over 1,000 a day arrive.", "1,000", "day"),
    ("Around 10,000 migrants have been apprehended daily this month.", "10,000", "day"),
    ("Some 12,600 people came in a single day.", "12,600", "day"),
    ("A daily average of 45 boats was seen.", "45", "day"),
    ("An average of 175 children crossed the southern border every day.", "175", "day"),
    ("Agents stop 300 trucks per week.", "300", "week"),
    ("The plant loses $2 million a month.", "$2 million", "month"),
    ("It costs $775 per day for each bed.", "$775", "day"),
    ("100,000 people a year die of it.", "100,000", "year"),
    ("The line carries 900 passengers an hour.", "900", "hour"),
    ("The order applies when daily arrests reach 2,500.", "2,500", "day"),
    ("The city buries 40 people each week.", "40", "week"),
    ("A 500-a-day limit was set.", "500", "day"),
    ("The state takes in 3,000 people annually.", "3,000", "year"),
    # none of these is a rate
    ("About 100 people came a year ago.", "100", None),
    ("They found 60 bodies a week after the storm.", "60", None),
    ("Police held 40 men on a day of protest.", "40", None),
    ("In one town 300 were held.", "300", None),
]


@pytest.mark.parametrize(("text", "quote", "rate"), RATES)
def test_a_rate_is_read_and_an_ago_is_not(text: str, quote: str, rate: str | None) -> None:
    assert only(text, quote).rate == rate


CHANGES: list[tuple[str, str, str, str | None]] = [
    ("The jobless rate rose by 0.3 points to 4.1%.", "0.3", "delta", "up"),
    ("The jobless rate rose by 0.3 points to 4.1%.", "4.1%", "to", "up"),
    ("Sales are up 30 %.", "30 %", "delta", "up"),
    ("Arrests dropped 29% in June.", "29%", "delta", "down"),
    ("It was a drop of 75 percent.", "75 percent", "delta", "down"),
    ("A 40 percent drop followed.", "40 percent", "delta", "down"),
    ("Crossings surged to more than 13,000 from about 3,000.", "13,000", "to", "up"),
    ("Crossings surged to more than 13,000 from about 3,000.", "3,000", "from", "up"),
    ("The cap went from 70,000 to 85,000.", "70,000", "from", "up"),
    ("The cap went from 70,000 to 85,000.", "85,000", "to", "up"),
    ("Prices fell from $90 to $60.", "$60", "to", "down"),
    ("The workforce shrank by 2,000 people.", "2,000", "delta", "down"),
    ("Claims rose by nearly 300 to 4,000.", "300", "delta", "up"),
    ("Flats cost 15% more than in May.", "15%", "delta", "up"),
    ("There were 200 fewer than last year.", "200", "delta", "down"),
    ("Arrivals tripled to 82,000.", "tripled", "multiple", None),
    ("The blaze grew from 50 acres to 341 acres.", "341", "to", "up"),
    ("The index added 0.5 percent.", "0.5 percent", "delta", "up"),
    ("The firm shed 400 jobs.", "400", "delta", "down"),
    ("The deficit widened $2.1 billion to $44.5 billion.", "$2.1 billion", "delta", "up"),
    ("The deficit widened $2.1 billion to $44.5 billion.", "$44.5 billion", "to", "up"),
    ("They recorded an increase of 3,000.", "3,000", "delta", "up"),
    ("Wages are 4 percent higher.", "4 percent", "delta", "up"),
    # levels
    ("Women made up 60 percent of the crowd.", "60 percent", "share", None),
    ("Gunners shot down 30 drones.", "30", "level", None),
    ("The camp grew up near 300 homes.", "300", "level", None),
    ("It was 90 compared to 60 in March.", "60", "level", None),
    ("Police held 60 men.", "60", "level", None),
    ("A 60-day surge campaign began.", "60", "level", None),
]


@pytest.mark.parametrize(("text", "quote", "role", "change"), CHANGES)
def test_change_and_level_are_told_apart(text: str, quote: str, role: str, change: str | None) -> None:
    figure = only(text, quote)
    assert (figure.role, figure.change) == (role, change)


def test_both_ends_of_a_change_know_each_other() -> None:
    first, second = read("The quota went from the current 70,000 to 85,000.")
    assert (first.partner, second.partner) == (1, 0)


SKIPPED: list[tuple[str, str, str]] = [
    # dates and years
    ("It began on September 8 in the north.", "8", "date"),
    ("It began on Dec. 18, 2017.", "18", "date"),
    ("It began on Dec. 18, 2017.", "2017", "date"),
    ("The camp closed on 3 May.", "3", "date"),
    ("Between March 5 and 10 the port was shut.", "5 and 10", "date"),
    ("They met on 2023-12-28 in the palace.", "2023-12-28", "date"),
    ("The towers fell on 9/11.", "9/11", "date"),
    ("The firm was founded in 1987.", "1987", "year"),
    ("The 2016 elections were close.", "2016", "year"),
    ("Fiscal year 2019 was the worst.", "2019", "year"),
    ("In the 2000 drama he sings.", "2000", "year"),
    ("They are the 2023 champions.", "2023", "year"),
    ("A 2008 study found nothing.", "2008", "year"),
    ("The 2015-16 season was wet.", "2015-16", "year"),
    ("It was common in the 1990s.", "1990", "year"),
    ("In mid-2019 it stopped.", "2019", "year"),
    ("It was the largest since June 2022.", "2022", "date"),
    ("The 1951 Refugee Convention applies.", "1951", "year"),
    # ages
    ("Armstrong, 25, was arrested.", "25", "age"),
    ("Braun, 38 – who sings – left.", "38", "age"),
    ("A 25-year-old man was arrested.", "25", "age"),
    ("Voters ages 18 to 34 stayed home.", "18 to 34", "age"),
    ("People between the ages of 18 and 49 may apply.", "18 and 49", "age"),
    ("A boy aged nine was found.", "nine", "age"),
    ("Everyone 65 and older was moved.", "65", "age"),
    ("The girl, who is 12, speaks French.", "12", "age"),
    ("Dale Ortiz Jr., 55, of Addison signed.", "55", "age"),
    # times of day
    ("Doors open at 5:25 a.m. sharp.", "5:25", "time"),
    ("It starts at 7 p.m. local time.", "7", "time"),
    ("The talk is at 9 in the morning.", "9", "time"),
    ("Open 6-9 p.m. daily.", "6-9", "time"),
    # numbers that name something
    ("Call 1-800-273-8255 for help.", "1-800-273-8255", "phone"),
    ("Call 1-800-RED-FISH for help.", "1-800-RED-FISH", "phone"),
    ("The office is at 575 Wilbraham Road.", "575", "address"),
    ("Section 230 protects sites.", "230", "identifier"),
    ("They ended Title 42 in May.", "42", "identifier"),
    ("Route 66 is closed.", "66", "identifier"),
    ("A 737 Max skidded.", "737", "identifier"),
    ("COVID-19 spread again.", "19", "identifier"),
    ("An H-1B visa is dear.", "1", "identifier"),
    ("An A320 landed.", "320", "identifier"),
    ("The 5G network failed.", "5", "identifier"),
    ("He is No. 3 on the list.", "3", "identifier"),
    ("Flight 370 vanished.", "370", "identifier"),
    ("The S&P 500 fell.", "500", "identifier"),
    ("A 1080p screen is enough.", "1080", "identifier"),
    ("He dialled 911 at once.", "911", "identifier"),
    ("Version 5.3.1 is out.", "5.3.1", "identifier"),
    ("The Gang of Eight met.", "Eight", "identifier"),
    ("See note (4) below.", "4", "list"),
    ("2. Wash the rice.", "2", "list"),
    # ordinals, scores, idioms
    ("It was the 45th such raid.", "45th", "ordinal"),
    ("On the 21st floor a lamp burned.", "21st", "ordinal"),
    ("The Rovers won 2-1 at home.", "2-1", "score"),
    ("The split was 67-22 among women.", "67-22", "score"),
    ("It is one of the oldest towns.", "one", "pronoun"),
    ("They are doubling down on it.", "doubling", "idiom"),
    ("It applies a double standard.", "double", "idiom"),
    # measured, but no report
    ("The raid took 120 days.", "120", "duration"),
    ("He is a 22-year veteran.", "22", "duration"),
    ("It lies 700 miles east of here.", "700", "distance"),
    ("A 15-foot wall was built.", "15", "distance"),
    ("It was at least 90 degrees outside.", "90", "temperature"),
    ("A seven-day average is used.", "seven", "duration"),
    ("The rule covers 75 countries.", "75", "count_place"),
    ("He came back three times.", "three", "count_time"),
    ("A two-tier plan was drawn up.", "two", "attribute"),
    ("The 1,800-page bill passed.", "1,800", "attribute"),
]


@pytest.mark.parametrize(("text", "quote", "reason"), SKIPPED)
def test_a_number_that_reports_nothing_says_why(text: str, quote: str, reason: str) -> None:
    figure = only(text, quote)
    assert (figure.skip, figure.sure) == (reason, True)


DOUBTFUL: list[tuple[str, str, str]] = [
    ("Half of the village left.", "Half", "fraction"),
    ("Two-thirds of voters agreed with her.", "Two-thirds", "fraction"),
    ("One in every 12 wells is dry.", "One in every 12", "fraction"),
    ("One in three children is hungry.", "One in three", "fraction"),
    ("In the poll 54 percent said no.", "54 percent", "poll"),
    ("The bill passed with 66 votes.", "66", "vote"),
    ("The wall runs 55 miles of new fence.", "55", "distance"),
    ("Protests were held in 21 cities.", "21", "count_place"),
    ("Papers ran 115 stories about it.", "115", "count_source"),
    ("The two leaders met.", "two", "count_source"),
    ("These two women know it.", "two", "definite"),
    ("The Dow lost 504 points.", "504", "market"),
    ("Children under 14 need a pass.", "14", "age"),
    ("The comedian, 47, laughed.", "47", "age"),
    ("The code is 10-15 on the radio.", "10-15", "score"),
    ("Text the word to 90999 today.", "90999", "identifier"),
    ("The new Orbit 7 is thinner.", "7", "identifier"),
    ("Kim scored two goals.", "two", "sport"),
    ("Its grade was 77.4 this year.", "77.4", "measure"),
]


@pytest.mark.parametrize(("text", "quote", "reason"), DOUBTFUL)
def test_a_doubtful_number_is_left_to_the_cues_of_the_claims(text: str, quote: str, reason: str) -> None:
    figure = only(text, quote)
    assert (figure.skip, figure.sure) == (reason, False)


SUBJECTS: list[tuple[str, str, str]] = [
    ("Police held 40 migrants of 24 nationalities there.", "40", "migrants of 24 nationalities"),
    ("They freed 310 undocumented children.", "310", "undocumented children"),
    ("Four members of the security forces died.", "Four", "members of the security forces"),
    ("They seized 150 pounds of heroin.", "150", "heroin"),
    ("Dozens of neighbours' homes burned.", "Dozens", "neighbours' homes"),
    (
        "The state keeps a standing force of some 1,800 National\nGuard troops near the two old river crossings.",
        "1,800",
        "National Guard troops",
    ),
]


@pytest.mark.parametrize(("text", "quote", "subject"), SUBJECTS)
def test_the_subject_is_the_noun_phrase_that_is_counted(text: str, quote: str, subject: str) -> None:
    assert only(text, quote).subject == subject


@pytest.mark.parametrize(
    ("text", "quote", "part"),
    [
        ("Police held 60 men, including 12 minors.", "12", True),
        ("He spoke of 90,000 people, of whom 76,000 returned.", "76,000", True),
        ("They stopped 300 migrants and held dozens of them.", "dozens", True),
        ("Police held 60 men, including 12 minors.", "60", False),
    ],
)
def test_a_part_of_a_total_is_marked(text: str, quote: str, part: bool) -> None:
    assert only(text, quote).part is part


def test_a_bare_count_takes_its_unit_from_the_sentence_before() -> None:
    *_, last = read("The shelter used to take 300 migrants a day. Lately it has been 800.")
    assert (last.unit, last.person, last.noun) == ("person", True, None)


DIRTY: list[tuple[str, list[tuple[str, Number | None, Number | None]]]] = [
    ("The camp held 10\u00a0000 people.", [("10\u00a0000", 10000, 10000)]),
    ("The camp held 10\u202f000 people.", [("10\u202f000", 10000, 10000)]),
    ("The camp held 10\u2009500 people.", [("10\u2009500", 10500, 10500)]),
    ("The camp held 10 000 people.", [("10 000", 10000, 10000)]),
    ("The camp held 10&nbsp;000 people.", [("10&nbsp;000", 10000, 10000)]),
    ("The camp held 10.000 people.", [("10.000", 10000, 10000)]),
    ("It is 10.125 km long.", [("10.125", 10.125, 10.125)]),
    ("Hundreds\nof thousands of people fled.", [("Hundreds\nof thousands", 100000, None)]),
    ("The column that set out at dawn numbered around\n8,000 migrants, some of them barefoot.", [("8,000", 7200, 8800)]),
    ("In 2013,1,010 people drowned.", [("2013", 2013, 2013), ("1,010", 1010, 1010)]),
    ("“More than 500 people” came, she said.", [("500", 500, None)]),
    ("It isn&#8217;t 40 boats but 50 boats.", [("40", 40, 40), ("50", 50, 50)]),
    ("The state&#8217;s 300 mayors met.", [("300", 300, 300)]),
    ("(MENAFN- Daily Wire) Some 90 boats left.", [("90", 81, 99)]),
    ("Read more at https://example.org/2019/10/15?id=77 for 5 tips.", [("5", 5, 5)]),
    ("to the 400 people who\nto the 400 people who\nwaited there.", [("400", 400, 400), ("400", 400, 400)]),
    ("The gap was 1,5 million euros.", [("1,5 million", 1_500_000, 1_500_000)]),
    ("It rose to 2,00,000 people.", [("2,00,000", 200_000, 200_000)]),
]


@pytest.mark.parametrize(("text", "wanted"), DIRTY)
def test_dirty_copy_is_read_at_its_own_offsets(text: str, wanted: list[tuple[str, Number | None, Number | None]]) -> None:
    assert [(text[f.start : f.end], f.value.low, f.value.high) for f in read(text)] == wanted


def test_quantities_leave_out_what_measures_nothing() -> None:
    text = "On May 5, 2021, Ortiz, 25, drove 300 miles on Route 66 and paid $40 for 3 gallons."
    assert [quantity.quote for quantity in quantities.measured(quantities.read(text))] == ["300", "$40", "3"]


def test_a_quantity_names_its_cue_as_written() -> None:
    (quantity,) = quantities.measured(quantities.read("More\nthan 40 boats left."))
    assert (quantity.cue, quantity.unit, quantity.unit_text, quantity.concept) == ("More\nthan", "boat", "boats", ("boats",))


def test_an_article_of_nothing_but_figures_is_cut() -> None:
    document = quantities.read("5 boats. " * (quantities.MOST_NUMBERS + 10))
    assert document.cut
    assert len(quantities.measured(document)) == quantities.MOST_QUANTITIES
