namespace EdgeCoder.IdeProvider.Access;

/// <summary>Tokens that each key has used on a day.</summary>
/// <param name="Day">Day since 1970, UTC.</param>
/// <param name="Used">Tokens, read and written, by id of the key.</param>
internal sealed record TokensOfDay(long Day, Dictionary<string, long> Used);
