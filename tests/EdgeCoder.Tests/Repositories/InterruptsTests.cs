using EdgeCoder.Repositories;

namespace EdgeCoder.Tests.Repositories;

public sealed class InterruptsTests
{
    [Fact]
    public async Task First_one_stops_the_request_and_the_second_the_conversation()
    {
        using var interrupts = new Interrupts(listens: false, TestContext.Current.CancellationToken);
        var seen = await interrupts.DoAsync(request =>
        {
            interrupts.Interrupt();
            var first = (request.IsCancellationRequested, interrupts.Conversation.IsCancellationRequested);
            interrupts.Interrupt();
            return Task.FromResult((first, interrupts.Conversation.IsCancellationRequested));
        });
        Assert.Equal(((true, false), true), seen);
    }

    [Fact]
    public async Task Between_requests_it_ends_the_conversation()
    {
        using var interrupts = new Interrupts(listens: false, TestContext.Current.CancellationToken);
        await interrupts.DoAsync(_ => Task.FromResult(0));
        interrupts.Interrupt();
        Assert.True(interrupts.Conversation.IsCancellationRequested);
    }
}
