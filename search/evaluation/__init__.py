"""How well the search ranks: judged collections, run through the product's own analysis, recognition and ranking."""
