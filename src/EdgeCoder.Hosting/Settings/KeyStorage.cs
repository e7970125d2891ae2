namespace EdgeCoder.Hosting.Settings;

/// <summary>
/// Where private keys live (<c>KEY_STORE</c>). This program keeps them in files that only their owner can read, and has neither the operating system's store nor encrypted
/// files: who asks for either is refused at the start, because a key would lie open that its owner believes protected.
/// </summary>
public static class KeyStorage
{
    private static readonly string[] Names = ["KEY_STORE", "KEY_PROVIDER", "KEY_STORE_PASSPHRASE"];

    /// <summary>Refuses each of the settings that is set. Their values are shown nowhere.</summary>
    public static void RefuseWhatIsNotThere(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        foreach (var name in Names)
        {
            if (reader.Text(name) is not null || reader.Text(name + "_FILE") is not null)
            {
                reader.Refuse($"{name} cannot be honoured: keys are kept in files of the data directory that only their owner can read, not in a key store. Unset it, and put the data directory on an encrypted disk.");
            }
        }
    }
}
