namespace EdgeCoder.Hosting.Storage;

/// <summary>The store cannot be used by this program; the message says what to do. Start-up ends with it.</summary>
public sealed class StoreRefusedException(string message) : Exception(message);
