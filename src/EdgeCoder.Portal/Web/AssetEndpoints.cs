using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace EdgeCoder.Portal.Web;

/// <summary>Files for browsers, embedded in the program. Their address holds their hash, so that browsers keep them for as long as they like.</summary>
internal static class AssetEndpoints
{
    private static readonly Dictionary<string, string> Types = new() { [".css"] = "text/css; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".svg"] = "image/svg+xml" };

    private static readonly Dictionary<string, (string Url, byte[] Bytes, string Type)> Files = Read();

    /// <summary>Address of a file.</summary>
    public static string Url(string name) => Files[name].Url;

    /// <summary>Maps them.</summary>
    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        foreach (var (_, file) in Files)
        {
            routes.MapMethods(file.Url, [HttpMethods.Get, HttpMethods.Head], context =>
            {
                context.Response.ContentType = file.Type;
                context.Response.ContentLength = file.Bytes.Length;
                context.Response.Headers[HeaderNames.CacheControl] = "public, max-age=31536000, immutable";
                return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
            }).WithMetadata(new AccessRule(Access.Anyone)).WithMetadata(new SameForEverybody());
        }
    }

    private static Dictionary<string, (string, byte[], string)> Read()
    {
        var files = new Dictionary<string, (string, byte[], string)>(StringComparer.Ordinal);
        var assembly = typeof(AssetEndpoints).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => Types.ContainsKey(Path.GetExtension(name))))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..12];
            files[name] = ($"/assets/{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}", bytes, Types[Path.GetExtension(name)]);
        }

        return files;
    }
}
