#:package BouncyCastle.Cryptography
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Signs the catalogue of models (src/EdgeCoder.Inference/Catalogue/catalogue.json). The private key never enters the repository.
//   dotnet run eng/SignCatalogue.cs -- new-key PRIVATE_KEY_FILE     makes a key and prints the public half for ModelCatalogue.ReleaseKeys
//   dotnet run eng/SignCatalogue.cs -- sign PRIVATE_KEY_FILE FILE   writes FILE.sig
// A lost key is no disaster: make a new one, put its public half into ReleaseKeys, sign again, and release.

using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.X509;

switch (args)
{
    case ["new-key", var path]:
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        using (var file = new FileStream(path, FileMode.CreateNew))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(seed)));
        }

        Console.WriteLine(Convert.ToBase64String(Spki(new Ed25519PrivateKeyParameters(seed))));
        return 0;
    }

    case ["sign", var path, var catalogue]:
    {
        var key = new Ed25519PrivateKeyParameters(Convert.FromBase64String(File.ReadAllText(path).Trim()));
        byte[] message = [.. Encoding.ASCII.GetBytes("edgecoder-model-catalogue-v1\n"), .. File.ReadAllBytes(catalogue)];
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, key);
        signer.BlockUpdate(message);
        var keyId = Convert.ToHexStringLower(SHA256.HashData(Spki(key)))[..16];
        File.WriteAllText(catalogue + ".sig", $"{{ \"keyId\": \"{keyId}\", \"signature\": \"{Convert.ToBase64String(signer.GenerateSignature())}\" }}\n");
        return 0;
    }

    default:
        Console.Error.WriteLine("new-key PRIVATE_KEY_FILE | sign PRIVATE_KEY_FILE FILE");
        return 2;
}

static byte[] Spki(Ed25519PrivateKeyParameters key) => SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key.GeneratePublicKey()).GetDerEncoded();
