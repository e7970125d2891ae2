using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.IdeProvider.Access;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>Ids of tasks: with the header <c>Idempotency-Key</c> the same request has the same id, so that asking again has no second effect.</summary>
internal static class SwarmTaskId
{
    private const string Header = "Idempotency-Key";

    /// <summary>The ids of a request: for 0 its first task, for each further number another one.</summary>
    public static Func<int, string> Of(HttpRequest request, IdeCaller caller)
    {
        if (request.Headers[Header] is not [{ Length: > 0 } key])
        {
            var first = New();
            return number => number == 0 ? first : New();
        }

        return number =>
        {
            var named = string.Create(CultureInfo.InvariantCulture, $"edgecoder/ide-request/v1\n{caller.Key?.Id}\n{request.Path}\n{number}\n{key}");
            return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(named)).AsSpan(0, 16)).ToString("D");
        };
    }

    private static string New() => Guid.NewGuid().ToString("D");
}
