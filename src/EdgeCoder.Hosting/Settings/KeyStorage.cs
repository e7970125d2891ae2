namespace EdgeCoder.Hosting.Settings;

/// <summary>
/// Where private keys live (<c>KEY_STORE</c>, <c>KEY_PROVIDER</c>): unset, in files that only their owner can read; <c>file</c>, in files encrypted under a passphrase (economy-and-ledger 16.1). There is no
/// store of the operating system: who asks for it is refused at the start, because a key would lie open that its owner believes protected.
/// </summary>
public static class KeyStorage
{
    private const string Passphrase = "KEY_STORE_PASSPHRASE";
    private const int LeastPassphrase = 20;
    private static readonly string[] Names = ["KEY_STORE", "KEY_PROVIDER"];

    /// <summary>The passphrase of encrypted files; null where they are not. Whatever cannot be honoured goes to the reader; values are shown nowhere.</summary>
    public static string? Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var faults = reader.Faults.Count;
        List<string> stores = [.. Names.Select(reader.Text).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (stores.Any(store => store != "file"))
        {
            reader.Refuse("KEY_STORE and KEY_PROVIDER cannot be honoured: there is no store of the operating system here. Set KEY_STORE=file with KEY_STORE_PASSPHRASE, or unset both and put the data directory on an encrypted disk.");
        }

        var given = reader.Secret(Passphrase, LeastPassphrase);
        if (reader.Faults.Count > faults)
        {
            return null;
        }

        if (stores.Count == 0 && given is not null)
        {
            reader.Refuse("KEY_STORE_PASSPHRASE cannot be honoured without KEY_STORE=file. Set both or neither.");
        }
        else if (stores.Count > 0 && given is null)
        {
            reader.Refuse("KEY_STORE=file needs KEY_STORE_PASSPHRASE or KEY_STORE_PASSPHRASE_FILE: at least 20 characters, kept apart from the data directory.");
        }

        return given;
    }

    /// <summary>Refuses each of the settings that is set, for processes that encrypt no keys. Their values are shown nowhere.</summary>
    public static void RefuseWhatIsNotThere(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        foreach (var name in (string[])[.. Names, Passphrase])
        {
            if (reader.Text(name) is not null || reader.Text(name + "_FILE") is not null)
            {
                reader.Refuse($"{name} cannot be honoured: the keys of this process are kept in files of the data directory that only their owner can read, not in a key store. Unset it, and put the data directory on an encrypted disk.");
            }
        }
    }
}
