using EdgeCoder.Portal.Roles;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Portal.Sessions;

/// <summary>Who sent a request, read from storage for this request. Public, because Razor makes components public.</summary>
public sealed record SignedIn
{
    /// <summary>Id of the account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Address.</summary>
    public required string Email { get; init; }

    /// <summary>Whether it was confirmed.</summary>
    public required bool EmailVerified { get; init; }

    /// <summary>Name to show; null without one.</summary>
    public required string? DisplayName { get; init; }

    /// <summary>Theme of pages.</summary>
    public required string Theme { get; init; }

    /// <summary>What the person may do.</summary>
    public required PersonRoles Roles { get; init; }

    /// <summary>Id of the session.</summary>
    public required string SessionId { get; init; }

    /// <summary>Hash of its key.</summary>
    public required string KeyHash { get; init; }

    /// <summary>When the person signed in.</summary>
    public required long SignedInAtMs { get; init; }

    /// <summary>Actor of the audit log.</summary>
    public string Actor => "user:" + AccountId;
}

/// <summary>The person of a request.</summary>
internal static class SignedInExtensions
{
    /// <summary>The person; null when nobody is signed in.</summary>
    public static SignedIn? Person(this HttpContext context) => context.Features.Get<SignedIn>();

    /// <summary>The person of a route that is for people only.</summary>
    public static SignedIn RequiredPerson(this HttpContext context) => context.Person() ?? throw new InvalidOperationException("The route has no rule that asks for a person.");
}
