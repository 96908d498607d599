// A little help for pages that work without it.
