using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Pages;

/// <summary>The pages (portal-and-control-plane 18).</summary>
internal static class PageEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        Map<HomePage>("/", Access.Anyone);
        routes.MapPage("/portal", Access.Anyone, context => SignIn(context, PageResults.View(context), StatusCodes.Status200OK));
        Map<SignUpPage>("/portal/sign-up", Access.Anyone);
        Map<ForgotPage>("/portal/forgot", Access.Anyone);
        Map<VerifyPage>("/portal/confirm", Access.Anyone);
        Map<VerifyPage>("/auth/verify-email", Access.Anyone, context => ("Token", Secret(context, "token")));
        Map<ResetPage>("/portal/reset", Access.Anyone, context => ("Token", Secret(context, "token")));
        Map<SetupPage>("/setup", Access.Anyone, context => ("Code", Secret(context, "code")));
        routes.MapPage("/portal/settings", Access.Person, context => SettingsEndpoints.Again(context, PageResults.View(context), StatusCodes.Status200OK));

        void Map<TPage>(string pattern, Access access, Func<HttpContext, (string, object?)>? parameter = null)
            where TPage : IComponent =>
            routes.MapPage(pattern, access, context => Task.FromResult(PageResults.Page<TPage>(PageResults.View(context), StatusCodes.Status200OK, parameter is null ? [] : [parameter(context)])));
    }

    /// <summary>The page of sign-in, also after its form was refused.</summary>
    public static Task<IResult> SignIn(HttpContext context, PageView view, int status) => Task.FromResult(PageResults.Page<SignInPage>(
        view, status, ("ReturnTo", PageRequests.Return(view.Value("returnTo") is { Length: > 0 } typed ? typed : context.Request.Query["returnTo"])), ("PasskeysElsewhere", context.RequestServices.GetRequiredService<RelyingParty>().Elsewhere(context))));

    private static string? Secret(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 and <= 128 } text ? text : null;
}
