using System.Net;
using System.Text.RegularExpressions;

namespace EdgeCoder.Portal.Tests.Composition;

/// <summary>What a browser does with pages: it keeps cookies, follows no redirect by itself here, and says which site a form is of.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly PortalScene _scene;
    private readonly HttpClient _http;

    public Browser(PortalScene scene)
    {
        _scene = scene;
        _http = new(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false });
    }

    public CookieContainer Cookies { get; } = new();

    public string? SessionKey => Cookies.GetCookies(_scene.Url)["edgecoder_portal_session"]?.Value;

    public async Task<HttpResponseMessage> AnswerAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_scene.Url, path));
        request.Headers.Accept.ParseAdd("text/html");
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<(int Status, string Html)> OpenAsync(string path)
    {
        using var answer = await AnswerAsync(path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Posts a form as the page at <paramref name="page"/> does.</summary>
    public async Task<(int Status, string Html, string? Location)> SubmitAsync(string page, string action, params (string Name, string Value)[] fields) =>
        await PostAsync(action, await TokenAsync(page), _scene.Url.GetLeftPart(UriPartial.Authority), fields);

    public async Task<string> TokenAsync(string page) => Tokens().Match((await OpenAsync(page)).Html).Groups[1].Value is { Length: > 0 } token ? WebUtility.HtmlDecode(token) : throw new InvalidOperationException($"{page} has no form.");

    public async Task<(int Status, string Html, string? Location)> PostAsync(string action, string? token, string? origin, params (string Name, string Value)[] fields)
    {
        var all = fields.Select(field => KeyValuePair.Create(field.Name, field.Value));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_scene.Url, action))
        {
            Content = new FormUrlEncodedContent(token is null ? all : all.Append(KeyValuePair.Create("__RequestVerificationToken", token))),
        };
        request.Headers.Accept.ParseAdd("text/html");
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.Location?.OriginalString);
    }

    /// <summary>Signs in with the form.</summary>
    public async Task SignInAsync(string email, string password = PortalScene.Password)
    {
        var (status, html, _) = await SubmitAsync("/portal", "/auth/login", ("email", email), ("password", password));
        Assert.True(status == 303, html);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, TestContext.Current.CancellationToken);

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Tokens();
}
