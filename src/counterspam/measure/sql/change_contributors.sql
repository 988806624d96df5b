-- Question: Do at least 5 different contributors stand behind this?
-- Numerator: different contributors, counted up to 5, of what was judged spam in a channel, or a part of it, since an hour.
-- Denominator: none.
-- Basis: reporters by their keyed pseudonyms; a record that names no reporter (trap, filter, call record) counts as one of its own.
-- Deduplication: a reporter counts once however much he reports.
-- Caveats: one person with two addresses counts as two. Fewer than 5 are not published.
SELECT length(groupUniqArrayArray(5)(rollup.contributors)) AS contributors
FROM {rollup:Identifier} AS rollup
WHERE hour >= toDateTime({start:UInt32}, 'UTC') AND hour < toDateTime({end:UInt32}, 'UTC')
  AND spam = 1 AND channel = {channel:String}
  AND ({value:String} = '' OR toString({facet:Identifier}) = {value:String})
