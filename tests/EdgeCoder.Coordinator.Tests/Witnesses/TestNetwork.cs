using System.Net;
using EdgeCoder.Coordinator.Anchors;

namespace EdgeCoder.Coordinator.Tests.Witnesses;

/// <summary>The way between coordinators of a test: names stay while processes come and go, lines can be cut, and answers can be changed on the way.</summary>
internal sealed class TestNetwork
{
    private readonly Dictionary<string, Uri> _addresses = [];

    /// <summary>Coordinators that nobody reaches.</summary>
    public HashSet<string> Cut { get; } = [];

    /// <summary>Requests that were carried, as method, name and path.</summary>
    public List<string> Carried { get; } = [];

    /// <summary>Changes an answer's body: name and path, body.</summary>
    public Func<string, byte[], byte[]> Change { get; set; } = (_, body) => body;

    /// <summary>How coordinators that are started from now on anchor; null: not at all.</summary>
    public Func<string, AnchorSettings?> Anchors { get; set; } = _ => null;

    /// <summary>Address by which others know a coordinator.</summary>
    public static string UrlOf(string name) => $"https://{name}.localhost";

    /// <summary>Where it listens now.</summary>
    public void Set(string name, Uri address) => _addresses[name] = address;

    /// <summary>What carries requests of one of them.</summary>
    public HttpMessageHandler Handler() => new Line(this);

    private sealed class Line(TestNetwork network) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.RequestUri!;
            var name = asked.Host.Split('.')[0];
            if (network.Cut.Contains(name) || !network._addresses.TryGetValue(name, out var address))
            {
                throw new HttpRequestException("No way there.");
            }

            lock (network.Carried)
            {
                network.Carried.Add($"{request.Method} {name}{asked.AbsolutePath}");
            }

            request.RequestUri = new Uri(address, asked.PathAndQuery);
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                answer.Content = new ByteArrayContent(network.Change(name + asked.AbsolutePath, await answer.Content.ReadAsByteArrayAsync(cancellationToken)));
            }

            return answer;
        }
    }
}
