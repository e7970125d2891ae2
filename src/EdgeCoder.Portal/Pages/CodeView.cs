namespace EdgeCoder.Portal.Pages;

/// <summary>A code for cameras.</summary>
/// <param name="Size">Modules of a side, with the quiet zone.</param>
/// <param name="Path">Dark modules, as the path of an SVG.</param>
public sealed record CodeView(int Size, string Path);
