"""How a verdict is shown: the document, its page, and the console command.

plugin, writer      when a session ends: its document and page, never over a fuller report
document, shape     ``verdicts.json``, read strictly
view, cards, ...    the document as finished text; ``templates`` make HTML of it
drawing             figures
checking            does a document follow from its own numbers? (``claims check``)
programme           a card's whole programme, and evidence that is kept
cli                 the ``claims`` command
formats             how numbers become text, for all of these
"""
