using System.Diagnostics;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Audit;

/// <summary>Who does something, and over what. It is taken before the transaction: the store's writer works for many requests.</summary>
/// <param name="Actor"><c>user:ID</c>, <c>console</c>, <c>policy:NAME</c>, <c>service:NAME</c>, <c>token:ID</c>.</param>
/// <param name="Via"><c>session</c>, <c>sign-in</c>, <c>link</c>, <c>console</c>, <c>service</c>, <c>program</c>.</param>
/// <param name="TraceId">Trace of the request; null without one.</param>
internal sealed record AuditSource(string Actor, string Via, string? TraceId)
{
    /// <summary>The person of a request with its session.</summary>
    public static AuditSource Of(HttpContext context) => Of(context.RequiredPerson());

    /// <summary>The same, where the person is known.</summary>
    public static AuditSource Of(SignedIn person) => new(person.Actor, "session", Trace());

    /// <summary>An account that acts without a session: it signs in.</summary>
    public static AuditSource OfAccount(string accountId) => new("user:" + accountId, "sign-in", Trace());

    /// <summary>Who has the link of a mail; whose it is shows in the transaction: <see cref="By"/>.</summary>
    public static AuditSource Link => new("link", "link", Trace());

    /// <summary>The same with the account that a link is of.</summary>
    public AuditSource By(string accountId) => this with { Actor = "user:" + accountId };

    /// <summary>A service that presented the credential of its edge.</summary>
    public static AuditSource OfService(string name) => new("service:" + name, "service", Trace());

    /// <summary>A rule of the program or of its settings.</summary>
    public static AuditSource OfPolicy(string name) => new("policy:" + name, "program", Trace());

    /// <summary>Who sits at the portal's machine.</summary>
    public static AuditSource Console => new("console", "console", Trace());

    private static string? Trace() => Activity.Current?.TraceId.ToString();
}
