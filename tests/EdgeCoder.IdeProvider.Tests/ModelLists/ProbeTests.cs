using EdgeCoder.IdeProvider.Tests.Composition;

namespace EdgeCoder.IdeProvider.Tests.ModelLists;

/// <summary>Clients look whether an address is there before they use it.</summary>
public sealed class ProbeTests
{
    [Theory]
    [InlineData("/v1/models", 200)]
    [InlineData("/v1/models/edgecoder-local", 200)]
    [InlineData("/v1/models/none-such", 404)]
    [InlineData("/health", 200)]
    [InlineData("/v1/chat/completions", 405)]
    public async Task A_look_without_content_is_answered_like_the_read(string path, int status)
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var answer = await endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_page_that_asks_first_whether_it_may_call_may_not()
    {
        await using var endpoint = await RunningEndpoint.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", "https://example.invalid");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var answer = await endpoint.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(403, (int)answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }
}
