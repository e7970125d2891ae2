using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.DataProtection;

/// <summary>The 256-bit key of a file that only its owner reads. It wraps the keys in the database, so that a copy of the database alone signs and opens nothing.</summary>
internal sealed class WrappingKey
{
    /// <summary>Bytes of the key.</summary>
    public const int Bytes = 32;

    private readonly byte[] _key;

    private WrappingKey(byte[] key) => _key = key;

    /// <summary>Reads the file; makes it where it is missing, if that is allowed.</summary>
    /// <exception cref="IOException">It is missing or holds no key.</exception>
    public static WrappingKey Load(string file, bool mayMake)
    {
        if (!File.Exists(file) && mayMake)
        {
            Make(file);
        }

        try
        {
            var key = Convert.FromBase64String(File.ReadAllText(file).Trim());
            return key.Length == Bytes ? new(key) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new IOException($"{file} holds no key: 32 random bytes in base64 are expected (openssl rand -base64 32).");
        }
    }

    /// <summary>AES-256-GCM: nonce, tag, ciphertext.</summary>
    public string Seal(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedBytes = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(sealedBytes.AsSpan(0, 12), plain, sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16));
        return Convert.ToBase64String(sealedBytes);
    }

    /// <summary>The text again. Throws <see cref="CryptographicException"/> for another key or changed bytes.</summary>
    public string Open(string text)
    {
        var sealedBytes = Convert.FromBase64String(text);
        if (sealedBytes.Length < 28)
        {
            throw new CryptographicException("The wrapped key is cut short.");
        }

        var plain = new byte[sealedBytes.Length - 28];
        using var aes = new AesGcm(_key, 16);
        aes.Decrypt(sealedBytes.AsSpan(0, 12), sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16), plain);
        return Encoding.UTF8.GetString(plain);
    }

    private static void Make(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new StreamWriter(file, Encoding.ASCII, options);
        stream.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)));
    }
}

/// <summary>Wraps keys that are stored.</summary>
/// <param name="key">With this.</param>
internal sealed class KeyWrapping(WrappingKey key) : IXmlEncryptor
{
    /// <inheritdoc/>
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(new XElement("wrapped", key.Seal(plaintextElement.ToString(SaveOptions.DisableFormatting))), typeof(KeyUnwrapping));
}

/// <summary>Unwraps them; the framework makes it by its name.</summary>
/// <param name="services">Services of the role.</param>
internal sealed class KeyUnwrapping(IServiceProvider services) : IXmlDecryptor
{
    /// <inheritdoc/>
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(services.GetRequiredService<WrappingKey>().Open(encryptedElement.Value));
}
