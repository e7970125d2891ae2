#:project ../src/EdgeCoder.Protocol/EdgeCoder.Protocol.csproj
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Makes and signs releases of the program (docs/releases.md). The private key never enters the repository.
//   dotnet run eng/SignRelease.cs -- new-key PRIVATE_KEY_FILE              makes a key and prints its entry for the list of release keys of a build
//   dotnet run eng/SignRelease.cs -- make FOLDER VERSION [DOWNLOAD]...     writes FOLDER/release-manifest.json over the files of FOLDER and the downloads
//   dotnet run eng/SignRelease.cs -- sign PRIVATE_KEY_FILE FOLDER          writes FOLDER/release-manifest.json.sig

using System.Text;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Releases;

switch (args)
{
    case ["new-key", var path]:
    {
        using var key = SigningKey.Generate();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(path, options))
        {
            file.Write(Encoding.ASCII.GetBytes(key.ToPem()));
        }

        Console.WriteLine($$"""[{"publicKeyPem":"{{key.PublicKey.Pem.Replace("\n", "\\n")}}","activatedAtMs":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}]""");
        return 0;
    }

    case ["make", var folder, var version, .. var downloads]:
        ReleaseFolder.Make(folder, version, downloads, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Console.WriteLine(Path.Combine(folder, ReleaseManifest.FileName));
        return 0;

    case ["sign", var path, var folder]:
    {
        using var key = SigningKey.FromPem(File.ReadAllText(path));
        try
        {
            ReleaseFolder.Sign(folder, key);
            Console.WriteLine(Path.Combine(folder, ReleaseManifest.SignatureFileName));
            return 0;
        }
        catch (ReleaseException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 1;
        }
    }

    default:
        Console.Error.WriteLine("new-key PRIVATE_KEY_FILE | make FOLDER VERSION [DOWNLOAD]... | sign PRIVATE_KEY_FILE FOLDER");
        return 2;
}
