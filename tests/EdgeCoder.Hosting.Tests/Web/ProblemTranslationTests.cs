using System.Net;
using System.Text.Json;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Hosting.Tests.Web;

/// <summary>Over a real Kestrel on a free port.</summary>
public sealed class ProblemTranslationTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _app = ListenerExtensions.CreateRoleBuilder(ListenerSettings.Loopback(0)).Build();
        _app.UseProblems(NullLogger.Instance);
        _app.UseAddressGuard(new AddressGuard(null, []));
        _app.MapGet("/refused", (HttpContext _) => throw new Refusal(429, "rate_limited", "Wait.") { RetryAfter = 7, Reason = "slow" });
        _app.MapGet("/broken", (HttpContext _) => throw new InvalidOperationException("the secret of the house"));
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = _app.ListensOn()[0] };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_is_a_problem_document_with_its_code()
    {
        var (answer, problem) = await GetAsync("/refused");
        Assert.Equal((HttpStatusCode)429, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("rate_limited", "slow", "Wait."), (problem.Error, problem.Reason, problem.Detail));
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_fault_of_ours_tells_nothing_of_itself()
    {
        var (answer, problem) = await GetAsync("/broken");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("internal_error", problem.Error);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_method_are_problems_too()
    {
        Assert.Equal("not_found", (await GetAsync("/nowhere")).Problem.Error);
        using var wrong = await _client.DeleteAsync("/refused", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        Assert.Equal("method_not_allowed", (await ReadAsync(wrong)).Error);
    }

    [Fact]
    public async Task A_foreign_host_is_refused_before_anything_runs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/refused") { Headers = { Host = "evil.test" } };
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("host_forbidden", (await ReadAsync(answer)).Error);
    }

    private async Task<(HttpResponseMessage Answer, Problem Problem)> GetAsync(string path)
    {
        var answer = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return (answer, await ReadAsync(answer));
    }

    private static async Task<Problem> ReadAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), MeshJson.Default.Problem)!;
}
