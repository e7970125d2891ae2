using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using EdgeCoder.TestKit.Listeners;

namespace EdgeCoder.Agent.Tests.Git;

/// <summary>A real git server on the loopback: git's own CGI program behind a listener.</summary>
internal sealed class GitServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HeldPort _port;
    private readonly string _directory;

    private GitServer(string directory, HeldPort port)
    {
        (_directory, _port) = (directory, port);
        Address = $"http://127.0.0.1:{port}/";
        _listener.Prefixes.Add(Address);
    }

    public string Address { get; }

    /// <summary>What was asked for: method, path and query, and the credentials that came with it.</summary>
    public List<(string Request, string? Authorization)> Requests { get; } = [];

    /// <summary>Where everything is redirected to; null: nowhere.</summary>
    public string? Redirect { get; set; }

    /// <summary>Whether a password is asked for.</summary>
    public bool Guarded { get; set; }

    public static GitServer Start(string directory)
    {
        var server = new GitServer(directory, HeldPort.Take());
        server._listener.Start();
        _ = server.ServeAsync();
        return server;
    }

    public void Dispose()
    {
        _listener.Close();
        _port.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                try
                {
                    await AnswerAsync(context);
                }
                catch (Exception fault) when (fault is IOException || (fault is HttpListenerException && _listener.IsListening))
                {
                    // Who asked has gone; the next one is answered.
                }
            }
        }
        catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        lock (Requests)
        {
            Requests.Add(($"{request.HttpMethod} {request.RawUrl}", request.Headers["Authorization"]));
        }

        if (Redirect is not null || Guarded)
        {
            response.StatusCode = Guarded ? 401 : 302;
            response.AddHeader(Guarded ? "WWW-Authenticate" : "Location", Guarded ? "Basic realm=\"x\"" : Redirect + request.RawUrl!.TrimStart('/'));
            response.Close();
            return;
        }

        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string?>
        {
            ["PATH"] = "/usr/bin:/bin",
            ["GIT_PROJECT_ROOT"] = _directory,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["PATH_INFO"] = request.Url!.AbsolutePath,
            ["QUERY_STRING"] = request.Url.Query.TrimStart('?'),
            ["REQUEST_METHOD"] = request.HttpMethod,
            ["CONTENT_TYPE"] = request.ContentType,
            ["HTTP_CONTENT_ENCODING"] = request.Headers["Content-Encoding"],
            ["REMOTE_ADDR"] = "127.0.0.1",
        })
        {
            start.Environment[name] = value ?? "";
        }

        using var git = Process.Start(start)!;
        var input = Task.Run(async () =>
        {
            await request.InputStream.CopyToAsync(git.StandardInput.BaseStream);
            git.StandardInput.Close();
        });
        using var output = new MemoryStream();
        await git.StandardOutput.BaseStream.CopyToAsync(output);
        await input;
        var bytes = output.ToArray();
        var head = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, head).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].Trim();
            if (line[..colon] == "Status")
            {
                response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[line[..colon]] = value;
            }
        }

        await response.OutputStream.WriteAsync(bytes.AsMemory(head + 4));
        response.Close();
    }
}
