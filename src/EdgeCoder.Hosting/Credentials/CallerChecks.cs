using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>
/// Finds out who calls, by the rule of the route (coordinator-and-mesh 2.3): 1 a signature; 2 the portal's token; 3 an operator's token; 4 an API key; 5 the mesh
/// token; 6 nobody, where anyone may call. A credential that the rule does not name is not looked at; one that is named and wrong is refused.
/// </summary>
internal sealed class CallerChecks(CredentialOptions options, ICredentials stored, SignatureCheck signatures, TimeProvider time)
{
    public const string MeshHeader = "x-mesh-token";
    public const string PortalHeader = "x-portal-service-token";
    public const string AdminHeader = "x-admin-token";
    public const string ActorHeader = "x-edgecoder-actor";
    public const string AccountHeader = "x-edgecoder-account";

    private const string BearerPrefix = "Bearer ";
    private const int MostPathCharacters = 512;
    private const string BootstrapName = "env:bootstrap";
    private const string EveryScope = "*";

    private static readonly Caller Anyone = new() { Kind = CallerKinds.Anyone, Name = "anyone" };
    private static readonly Caller Mesh = new() { Kind = CallerKinds.MeshService, Name = "mesh" };
    private static readonly Caller Bootstrap = new() { Kind = CallerKinds.Operator, Name = BootstrapName, Scopes = [EveryScope] };

    /// <summary>The caller. Throws <see cref="Refusal"/>.</summary>
    public async ValueTask<Caller> CheckAsync(HttpContext context, CallerRule rule)
    {
        var cancellationToken = context.RequestAborted;
        var caller = rule.Both ? await BothAsync(context, cancellationToken).ConfigureAwait(false) : await AnyAsync(context, rule, cancellationToken).ConfigureAwait(false);
        if (caller.Kind == CallerKinds.Operator && rule.Scope is { } scope && !caller.Scopes.Contains(scope) && !caller.Scopes.Contains(EveryScope))
        {
            throw CredentialRefusals.Scope(scope);
        }

        if (caller.Kind == CallerKinds.Operator || (caller.Kind == CallerKinds.MeshService && rule.Kinds.HasFlag(CallerKinds.Operator)))
        {
            await AuditAsync(context, caller, cancellationToken).ConfigureAwait(false);
        }

        return caller;
    }

    /// <summary>S+O: a service's token and an operator's together.</summary>
    private async ValueTask<Caller> BothAsync(HttpContext context, CancellationToken cancellationToken)
    {
        CheckMesh(Header(context, MeshHeader));
        return await OperatorAsync(Header(context, AdminHeader) ?? Bearer(context), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Caller> AnyAsync(HttpContext context, CallerRule rule, CancellationToken cancellationToken)
    {
        var kinds = rule.Kinds;

        // 1
        if ((kinds & (CallerKinds.Agent | CallerKinds.Peer | CallerKinds.Submitter)) != 0 && SignatureCheck.IsSigned(context.Request))
        {
            return await signatures.CheckAsync(context, rule, cancellationToken).ConfigureAwait(false);
        }

        // 2
        if (kinds.HasFlag(CallerKinds.PortalService) && Header(context, PortalHeader) is { } portal)
        {
            return Portal(context, portal);
        }

        // 3
        if (kinds.HasFlag(CallerKinds.Operator) && Header(context, AdminHeader) is { } admin)
        {
            return await OperatorAsync(admin, cancellationToken).ConfigureAwait(false);
        }

        // 3, 4
        if ((kinds & (CallerKinds.Operator | CallerKinds.Submitter)) != 0 && Bearer(context) is { } bearer)
        {
            return await BearerAsync(bearer, kinds, cancellationToken).ConfigureAwait(false);
        }

        // 5
        if (kinds.HasFlag(CallerKinds.MeshService) && Header(context, MeshHeader) is { } mesh)
        {
            CheckMesh(mesh);
            return Mesh;
        }

        // 6
        return kinds.HasFlag(CallerKinds.Anyone) ? Anyone : throw await NoneAsync(kinds, cancellationToken).ConfigureAwait(false);
    }

    private Caller Portal(HttpContext context, string token)
    {
        if (options.PortalToken is null)
        {
            throw CredentialRefusals.NotConfigured("PORTAL_COORDINATOR_TOKEN");
        }

        if (!options.PortalToken.Is(token))
        {
            throw CredentialRefusals.WrongService(PortalHeader);
        }

        var account = Header(context, AccountHeader);
        var actor = Header(context, ActorHeader);
        if ((account is not null && !ClientId.IsValid(account)) || (actor is not null && !ClientId.IsValid(actor)))
        {
            throw Refusal.Invalid([new(account is not null && !ClientId.IsValid(account) ? AccountHeader : ActorHeader, "an id: 3 to 128 of A-Z a-z 0-9 . _ : -")]);
        }

        return new() { Kind = CallerKinds.PortalService, Name = actor ?? "portal", Accounts = account is null ? [] : [account] };
    }

    private async ValueTask<Caller> BearerAsync(string bearer, CallerKinds kinds, CancellationToken cancellationToken)
    {
        if (kinds.HasFlag(CallerKinds.Submitter) && await stored.ApiKeyAsync(bearer, cancellationToken).ConfigureAwait(false) is { } submitter)
        {
            return submitter;
        }

        if (!kinds.HasFlag(CallerKinds.Operator))
        {
            throw CredentialRefusals.WrongApiKey();
        }

        return await FindOperatorAsync(bearer, cancellationToken).ConfigureAwait(false)
            ?? throw (kinds.HasFlag(CallerKinds.Submitter) ? CredentialRefusals.WrongApiKey() : await WrongOperatorAsync(cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<Caller> OperatorAsync(string? token, CancellationToken cancellationToken) =>
        (token is null ? null : await FindOperatorAsync(token, cancellationToken).ConfigureAwait(false)) ?? throw await WrongOperatorAsync(cancellationToken).ConfigureAwait(false);

    private async ValueTask<Caller?> FindOperatorAsync(string token, CancellationToken cancellationToken) =>
        options.AdminToken?.Is(token) == true ? Bootstrap : await stored.AdminTokenAsync(token, cancellationToken).ConfigureAwait(false);

    private async ValueTask<Refusal> WrongOperatorAsync(CancellationToken cancellationToken) =>
        options.AdminToken is not null || await stored.HasAdminTokensAsync(cancellationToken).ConfigureAwait(false) ? CredentialRefusals.WrongOperator() : CredentialRefusals.NoOperator();

    private void CheckMesh(string? token)
    {
        if (options.MeshToken is null)
        {
            throw CredentialRefusals.NotConfigured("MESH_AUTH_TOKEN");
        }

        if (token is null || !options.MeshToken.Is(token))
        {
            throw CredentialRefusals.WrongService(MeshHeader);
        }
    }

    /// <summary>What a caller without any credential is told: the one that most callers of such a route have.</summary>
    private async ValueTask<Refusal> NoneAsync(CallerKinds kinds, CancellationToken cancellationToken)
    {
        if (kinds.HasFlag(CallerKinds.Submitter))
        {
            return CredentialRefusals.AccountRequired();
        }

        if ((kinds & (CallerKinds.Agent | CallerKinds.Peer)) != 0)
        {
            return SignatureRefusals.Missing();
        }

        if (kinds.HasFlag(CallerKinds.Operator))
        {
            return kinds.HasFlag(CallerKinds.MeshService) && options.MeshToken is not null ? CredentialRefusals.WrongOperator() : await WrongOperatorAsync(cancellationToken).ConfigureAwait(false);
        }

        return kinds.HasFlag(CallerKinds.MeshService)
            ? options.MeshToken is null ? CredentialRefusals.NotConfigured("MESH_AUTH_TOKEN") : CredentialRefusals.WrongService(MeshHeader)
            : options.PortalToken is null ? CredentialRefusals.NotConfigured("PORTAL_COORDINATOR_TOKEN") : CredentialRefusals.WrongService(PortalHeader);
    }

    private Task AuditAsync(HttpContext context, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var path = context.Request.Path.Value ?? "";
        return stored.AuditAsync(
            new()
            {
                Id = Guid.CreateVersion7(now).ToString(),
                AtMs = now.ToUnixTimeMilliseconds(),
                Kind = caller.Kind,
                Name = caller.Name,
                Method = context.Request.Method,
                Path = path.Length > MostPathCharacters ? path[..MostPathCharacters] : path,
                Address = ClientAddress.LimitKey(context),
            },
            cancellationToken);
    }

    private static string? Header(HttpContext context, string name) => context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static string? Bearer(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is { } header && header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? header[BearerPrefix.Length..].Trim() : null;
}
