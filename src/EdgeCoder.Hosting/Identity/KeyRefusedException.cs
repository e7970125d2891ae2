namespace EdgeCoder.Hosting.Identity;

/// <summary>The keys of the data directory do not let the program start. The message says what to do and holds nothing of a key.</summary>
public sealed class KeyRefusedException(string message) : Exception(message);
