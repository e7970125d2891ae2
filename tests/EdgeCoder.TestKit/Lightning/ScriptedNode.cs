using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Lightning;

/// <summary>What a node does wrong with one request.</summary>
public sealed record NodeFault
{
    /// <summary>Answers with this status and an error of the node's kind, and does nothing.</summary>
    public int? Status { get; init; }

    /// <summary>Answers 200 with this text instead of what it found.</summary>
    public string? Body { get; init; }

    /// <summary>Does what it was asked and breaks the connection instead of answering.</summary>
    public bool LosesAnswer { get; init; }
}

/// <summary>An invoice of a scripted node.</summary>
public sealed class ScriptedInvoice
{
    /// <summary>64 hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The BOLT 11 string.</summary>
    public required string Text { get; init; }

    /// <summary>Label; empty where the node has none.</summary>
    public string Label { get; init; } = "";

    /// <summary>Thousandths of a sat.</summary>
    public required long AmountMsat { get; init; }

    /// <summary>State in the node's own word.</summary>
    public required string State { get; set; }

    /// <summary>What came in.</summary>
    public long ReceivedMsat { get; set; }
}

/// <summary>
/// A Lightning node over its published REST interface: it takes the exact calls and refuses any other, checks its credential, and fails as the real one does.
/// </summary>
public abstract class ScriptedNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <param name="certificate">Served over TLS with it; null: without TLS.</param>
    protected ScriptedNode(X509Certificate2? certificate)
    {
        var builder = LoopbackApp.NewBuilder();
        if (certificate is not null)
        {
            builder.WebHost.UseUrls();
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhostWith(certificate));
        }

        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Prefix of its network.</summary>
    public string Prefix { get; set; } = "lntbs";

    /// <summary>Its invoices by payment hash.</summary>
    public ConcurrentDictionary<string, ScriptedInvoice> Invoices { get; } = new(StringComparer.Ordinal);

    /// <summary>Faults of the next requests, in order; a request beyond them is served well.</summary>
    public ConcurrentQueue<NodeFault> Faults { get; } = new();

    /// <summary>Its payments by payment hash.</summary>
    public ConcurrentDictionary<string, ScriptedPayment> Payments { get; } = new(StringComparer.Ordinal);

    /// <summary>What becomes of the next payments, in order; one beyond them succeeds for 1 sat.</summary>
    public ConcurrentQueue<PayScript> Scripts { get; } = new();

    /// <summary>Payment hash of every call to pay that reached it, whatever became of it.</summary>
    public ConcurrentQueue<string> PayCalls { get; } = new();

    /// <summary>Runs once, before the next call to pay is served.</summary>
    public Action? BeforePaying { get; set; }

    /// <summary>Method and path of every request so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Changes the next invoice's text before it is handed out: another hash, amount or network than was ordered.</summary>
    public Func<byte[], long, string>? Forge { get; set; }

    /// <summary>A certificate of its own, as nodes make them, for loopback.</summary>
    public static X509Certificate2 NewCertificate(string host = "localhost")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=scripted node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Starts it.</summary>
    public async Task StartAsync()
    {
        await _app.StartAsync();
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Address = address.Scheme == "https" ? new($"https://localhost:{address.Port}") : address;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _app.DisposeAsync();
    }

    /// <summary>Checks the credential; null when it is the right one, else status and body of the refusal.</summary>
    protected abstract (int Status, JsonObject Body)? Refuse(HttpRequest request);

    /// <summary>Does what it is asked.</summary>
    protected abstract (int Status, JsonObject Body) Serve(string method, string path, JsonObject? body);

    /// <summary>An error in the node's form.</summary>
    protected abstract JsonObject Error(int code, string message);

    /// <summary>Whether an answer is the first line of a stream that goes on.</summary>
    protected virtual bool StaysOpen(string method, string path, JsonObject body) => false;

    /// <summary>Pays what it is asked to, by the script; null when a payment of this hash is under way or paid: no node pays a hash twice.</summary>
    protected ScriptedPayment? Pay(string hash, long amountMsat, long feeLimitMsat)
    {
        PayCalls.Enqueue(hash);
        var before = BeforePaying;
        BeforePaying = null;
        before?.Invoke();
        if (Payments.TryGetValue(hash, out var earlier) && earlier.State != "FAILED")
        {
            return null;
        }

        var script = Scripts.TryDequeue(out var next) ? next : new();
        var succeeds = script is { StaysInFlight: false, FeeMsat: { } fee } && (fee <= feeLimitMsat || script.IgnoresLimit);
        var payment = new ScriptedPayment
        {
            Hash = hash,
            AmountMsat = amountMsat,
            FeeLimitMsat = feeLimitMsat,
            FeeMsat = succeeds ? script.FeeMsat!.Value : 0,
            State = script.StaysInFlight ? "IN_FLIGHT" : succeeds ? "SUCCEEDED" : "FAILED",
        };
        Payments[hash] = payment;
        return payment;
    }

    /// <summary>Makes an invoice and keeps it.</summary>
    protected ScriptedInvoice Add(long amountMsat, long expiryS, string label, string state)
    {
        var hash = RandomNumberGenerator.GetBytes(32);
        var forge = Forge;
        Forge = null;
        var invoice = new ScriptedInvoice
        {
            Hash = Convert.ToHexStringLower(hash),
            Text = forge is null ? InvoiceText.Write(Prefix, amountMsat, hash, 1_700_000_000, expiryS) : forge(hash, amountMsat),
            Label = label,
            AmountMsat = amountMsat,
            State = state,
        };
        Invoices[invoice.Hash] = invoice;
        return invoice;
    }

    private async Task HandleAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
        JsonObject? sent = null;
        if (context.Request.ContentLength is > 0)
        {
            sent = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        }

        Faults.TryDequeue(out var fault);
        if (fault?.Status is { } status)
        {
            await AnswerAsync(context, status, Error(2, "internal error").ToJsonString());
            return;
        }

        var (code, body) = Refuse(context.Request) ?? Serve(context.Request.Method, context.Request.Path, sent);
        if (fault is { LosesAnswer: true })
        {
            context.Abort();
            return;
        }

        await AnswerAsync(context, fault?.Body is null ? code : 200, fault?.Body ?? body.ToJsonString());
        if (fault?.Body is null && StaysOpen(context.Request.Method, context.Request.Path, body))
        {
            await context.Response.WriteAsync("\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            var left = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(left.SetResult);
            await left.Task;
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>Listening with a certificate.</summary>
internal static class TlsListening
{
    /// <summary>A free port of loopback.</summary>
    public static void ListenLocalhostWith(this KestrelServerOptions kestrel, X509Certificate2 certificate) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
}
