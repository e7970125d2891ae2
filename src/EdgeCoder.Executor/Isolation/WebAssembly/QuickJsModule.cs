using System.Security.Cryptography;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>QuickJS-ng compiled to WebAssembly, as the build restored it; refused when it is not byte for byte the one that this version was made for.</summary>
internal static class QuickJsModule
{
    /// <summary>SHA-256 of <c>dist/emscripten-module.wasm</c> of <c>@jitl/quickjs-ng-wasmfile-release-sync</c> 0.32.0.</summary>
    public const string Sha256 = "b56fe5094b8751c47b8c32fb5ed4d75afe2dbb43412d3d983ac5d1156af456da";

    private const byte ExportSection = 7;
    private const byte TableKind = 1;
    private const int HeaderLength = 8;

    /// <summary>Where the build puts it.</summary>
    public static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "quickjs", "quickjs-ng.wasm");

    /// <summary>Reads the module, checks its digest, and exports its table of functions besides. The refusal says what is wrong.</summary>
    public static (byte[]? Module, SandboxRefusal? Refusal) Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, new($"QuickJS for WebAssembly cannot be read: {exception.Message}", "build again without QuickJs=off (needs npm)"));
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == Sha256
            ? (WithTable(bytes), null)
            : (null, new($"{path} is not the module that this version was made for", "delete it and build again"));
    }

    /// <summary>The module with one more export. The host needs the table to be told of promises that are rejected and that nobody handles.</summary>
    /// <remarks>WebAssembly core specification 2.0, 5.5: a section is an id, a size and its content; 5.5.10: the export section is a vector of name, kind, index.</remarks>
    public static byte[] WithTable(ReadOnlySpan<byte> module)
    {
        var result = new List<byte>(module.Length + 16);
        result.AddRange(module[..HeaderLength]);
        for (var at = HeaderLength; at < module.Length;)
        {
            var id = module[at++];
            var size = (int)Number(module, ref at);
            var content = module.Slice(at, size);
            at += size;
            if (id == ExportSection)
            {
                var start = 0;
                var count = Number(content, ref start);
                content = (byte[])[.. Bytes(count + 1), .. content[start..], (byte)QuickJsNames.Table.Length, .. System.Text.Encoding.ASCII.GetBytes(QuickJsNames.Table), TableKind, 0];
            }

            result.Add(id);
            result.AddRange(Bytes((uint)content.Length));
            result.AddRange(content);
        }

        return [.. result];
    }

    // Unsigned LEB128 (5.2.2).
    private static uint Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        var shift = 0;
        byte next;
        do
        {
            next = bytes[at++];
            value |= (uint)(next & 0x7F) << shift;
            shift += 7;
        }
        while ((next & 0x80) != 0);
        return value;
    }

    private static byte[] Bytes(uint value)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)((value & 0x7F) | (value > 0x7F ? 0x80u : 0)));
            value >>= 7;
        }
        while (value != 0);
        return [.. bytes];
    }
}
