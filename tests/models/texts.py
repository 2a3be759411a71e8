"""Texts to find names in, written for these tests."""

BORDER = """LAREDO, Texas (Example Wire) — Alejandro Ruiz Cordero, who runs the shelter of San Judas in Nuevo Laredo, met
officials of U.S. Customs and Border Protection on Thursday. "We cannot take in more," he told Reuters.

Mexico's National Migration Institute said that 1,250 people had left Tapachula since Monday. The mayor of Eagle Pass, Rolando
Salinas, and Senator Ruth Okafor of Georgia asked the Department of Homeland Security for help."""
SEA = """Nearly 200 people were rescued off Lampedusa, the Italian coast guard said, and 12 are missing. Frontex and Doctors Without
Borders had called for more ships in the Mediterranean Sea. Giulia Ferrante, a doctor on board, spoke of “a night without end”."""
COURT = """The High Court in Nairobi told Kenya Power to pay 3.5 million shillings to the family of Wanjiru Mwangi\n\n
Judge Amina Abdi read the ruling at 9 a.m. \t Lawyers for Kenya Power, Anjali Mehta & Partners, said they would
appeal to the Supreme Court"""
HEADLINE = "STORM IN THE PHILIPPINES LEAVES 40,000 HOMELESS, RED CROSS SAYS"
NAMELESS = "the river rose by two metres in the night, and nobody who lived beside it had been told."
NAMES_ONLY = "Bashir Qureshi, Tomasz Zieliński, Ngozi Adeyemi-Clark, Port-au-Prince, World Food Programme, Lake Chad Basin Commission"
LAST_WORD = "The talks will go on in Geneva"
EDGES = ("", " ", "\n\n", "Kyiv", "Doha\n", "\u00a0\u2003Oslo\u00a0", "😀 Lima 😀", "a" * 500, "O" * 500, "'s", "New York New York " * 40)

TEXTS = (BORDER, SEA, COURT, HEADLINE, NAMELESS, NAMES_ONLY, LAST_WORD, *EDGES)
WORDS = (*" ".join((BORDER, SEA, COURT, NAMES_ONLY)).split(), "\n", "\n\n", "U.S.", "1,250", "“", "—")
