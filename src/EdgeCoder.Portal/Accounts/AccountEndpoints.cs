using System.Text.Json.Nodes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Routes of accounts for who is not signed in (portal-and-control-plane 5.1).</summary>
internal static class AccountEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var settings = services.GetRequiredService<PortalSettings>();
        var signUp = services.GetRequiredService<SignUp>();
        var change = services.GetRequiredService<PasswordChange>();
        routes.MapAction("POST", "/auth/signup", Access.Anyone, request => SignUpAsync(request, signUp, settings), Again<SignUpPage>());
        routes.MapAction("POST", "/auth/login", Access.Anyone, request => LoginAsync(request, services.GetRequiredService<SignIn>(), settings), PageEndpoints.SignIn);
        routes.MapAction("POST", "/auth/logout", Access.Anyone, request => LogoutAsync(request, services.GetRequiredService<SessionStore>(), settings));
        routes.MapAction("POST", "/auth/verify-email", Access.Anyone, request => VerifyAsync(request, signUp), Again<VerifyPage>());
        routes.MapAction("POST", "/auth/resend-verification", Access.Anyone, request => MailAsync(request, signUp.ResendAsync), Again<VerifyPage>());
        routes.MapAction("POST", "/auth/password/forgot", Access.Anyone, request => MailAsync(request, change.ForgotAsync), Again<ForgotPage>());
        routes.MapAction("POST", "/auth/password/reset", Access.Anyone, request => ResetAsync(request, change), Again<ResetPage>());
        routes.MapAction("POST", "/setup", Access.Anyone, request => SetUpAsync(request, signUp, services.GetRequiredService<SessionStore>(), settings), Again<SetupPage>());
        routes.MapQuery("/auth/capabilities", Access.Anyone, _ => Task.FromResult(Capabilities(services.GetRequiredService<RelyingParty>())));
    }

    private static async Task<ActionOutcome> SignUpAsync(ActionRequest request, SignUp signUp, PortalSettings settings)
    {
        var input = request.Input;
        var email = Email(input);
        var password = NewPassword(input, "password", email);
        var name = input.OptionalText("displayName", 2, 100);
        input.ThrowIfFaulty();
        var id = await signUp.RegisterAsync(email, password, name, request.Visitor, request.Cancelled).ConfigureAwait(false);
        var steps = new JsonArray { "Confirm your address with the link in the mail.", "Sign in; credits are booked to your account without a wallet.", "Make a wallet in your browser when you want one: its words never leave it." };
        return new(
            new()
            {
                ["ok"] = true,
                ["userId"] = id,
                ["emailVerification"] = "sent",
                ["walletOnboarding"] = new JsonObject
                {
                    ["created"] = false,
                    ["accountId"] = "acct-" + id,
                    ["network"] = settings.WalletNetwork,
                    ["guidance"] = new JsonObject { ["title"] = "Your wallet", ["steps"] = steps },
                },
            },
            "/portal?done=sent");
    }

    private static async Task<ActionOutcome> LoginAsync(ActionRequest request, SignIn signIn, PortalSettings settings)
    {
        var input = request.Input;
        var email = Email(input);
        var password = input.Raw("password") ?? "";
        if (password.Length is 0 or > PasswordRules.MostCharacters)
        {
            input.Fault("password", password.Length == 0 ? "required" : "too_long");
        }

        input.ThrowIfFaulty();
        var (account, key) = await signIn.ByPasswordAsync(email, password, request.Visitor, request.Cancelled).ConfigureAwait(false);
        SessionCookie.Give(request.Http, settings, key);
        return new(SignedInBody(request.Http, account, key), PageRequests.Return(input.Raw("returnTo")));
    }

    /// <summary>Body of a sign-in. Only programs get the key: a page could be made to give it away.</summary>
    public static JsonObject SignedInBody(HttpContext context, AccountRow account, string key)
    {
        var body = new JsonObject { ["ok"] = true };
        if (IsProgram(context))
        {
            body["sessionToken"] = key;
        }

        body["user"] = new JsonObject { ["userId"] = account.Id, ["email"] = account.Email, ["displayName"] = account.DisplayName, ["emailVerified"] = account.EmailVerifiedAtMs is not null };
        return body;
    }

    /// <summary>Whether a request comes from a program and not from a page: it says nothing of a site.</summary>
    public static bool IsProgram(HttpContext context) =>
        !context.Request.Headers.ContainsKey("Origin") && !context.Request.Headers.Keys.Any(name => name.StartsWith("Sec-Fetch-", StringComparison.OrdinalIgnoreCase));

    private static async Task<ActionOutcome> LogoutAsync(ActionRequest request, SessionStore sessions, PortalSettings settings)
    {
        await sessions.EndAsync([SessionCookie.OfCookie(request.Http), SessionCookie.OfBearer(request.Http)], request.Cancelled).ConfigureAwait(false);
        SessionCookie.Clear(request.Http, settings);
        return ActionOutcome.Ok("/portal?done=signed-out");
    }

    private static async Task<ActionOutcome> VerifyAsync(ActionRequest request, SignUp signUp)
    {
        var token = request.Input.Text("token", 10, 128);
        request.Input.ThrowIfFaulty();
        await signUp.VerifyAsync(token, request.Visitor, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal?done=verified");
    }

    private static async Task<ActionOutcome> MailAsync(ActionRequest request, Func<string, Visitor, CancellationToken, Task> send)
    {
        var email = Email(request.Input);
        request.Input.ThrowIfFaulty();
        await send(email, request.Visitor, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal?done=sent");
    }

    private static async Task<ActionOutcome> ResetAsync(ActionRequest request, PasswordChange change)
    {
        var token = request.Input.Text("token", 10, 128);
        var password = NewPassword(request.Input, "newPassword", "");
        request.Input.ThrowIfFaulty();
        await change.ResetAsync(token, password, request.Visitor, request.Cancelled).ConfigureAwait(false);
        return ActionOutcome.Ok("/portal?done=reset");
    }

    private static async Task<ActionOutcome> SetUpAsync(ActionRequest request, SignUp signUp, SessionStore sessions, PortalSettings settings)
    {
        var input = request.Input;
        var code = input.Text("code", 10, 128);
        var email = Email(input);
        var password = NewPassword(input, "password", email);
        var name = input.OptionalText("displayName", 2, 100);
        input.ThrowIfFaulty();
        var key = await signUp.SetUpAsync(code, email, password, name, sessions, request.Visitor, request.Cancelled).ConfigureAwait(false);
        SessionCookie.Give(request.Http, settings, key);
        return ActionOutcome.Ok(PageRequests.Home);
    }

    // What is off says so; external sign-in is not part of this build.
    private static JsonObject Capabilities(RelyingParty party) => new()
    {
        ["password"] = true,
        ["passkey"] = new JsonObject { ["enabled"] = true, ["rpId"] = party.Id, ["allowedOrigins"] = new JsonArray([.. party.Origins.Select(origin => JsonValue.Create(origin))]) },
        ["oauth"] = new JsonObject { ["google"] = false, ["microsoft"] = false, ["github"] = false, ["apple"] = false },
    };

    /// <summary>The address of a form.</summary>
    public static string Email(ActionInput input)
    {
        var text = input.Raw("email");
        return string.IsNullOrWhiteSpace(text) ? input.Fault("email", "required") : EmailAddress.Normalise(text) ?? input.Fault("email", "invalid_email");
    }

    /// <summary>A password that is to be set.</summary>
    public static string NewPassword(ActionInput input, string name, string email)
    {
        var text = input.Raw(name) ?? "";
        return text.Length == 0 ? input.Fault(name, "required") : PasswordRules.Refuse(text, email) is { } code ? input.Fault(name, code) : text;
    }

    private static Func<HttpContext, PageView, int, Task<IResult>> Again<TPage>()
        where TPage : Microsoft.AspNetCore.Components.IComponent => (_, view, status) => Task.FromResult(PageResults.Page<TPage>(view, status));
}
