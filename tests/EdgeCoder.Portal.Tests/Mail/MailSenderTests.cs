using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Tests.Composition;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Portal.Tests.Mail;

/// <summary>The queue of mails.</summary>
public sealed class MailSenderTests
{
    [Fact]
    public async Task A_mail_is_a_file_with_two_parts_and_its_text_leaves_the_store()
    {
        await using var scene = await PortalScene.StartAsync();
        await scene.SendAsync("POST", "/auth/signup", new { email = "ann@example.org", password = PortalScene.Password });
        var token = await scene.TokenAsync("ann@example.org");

        Assert.Equal(1, await scene.Role.Services.GetRequiredService<MailSender>().SendDueAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await scene.Role.Services.GetRequiredService<MailSender>().SendDueAsync(TestContext.Current.CancellationToken));

        var mail = Assert.Single(await scene.MailsAsync("ann@example.org"));
        Assert.Equal((MailState.Sent, "", ""), (mail.State, mail.Text, mail.Html));
        var file = Assert.Single(Directory.GetFiles(scene.Files["mail"]));
        using var message = await MimeKit.MimeMessage.LoadAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains(token, message.TextBody, StringComparison.Ordinal);
        Assert.Contains(token, message.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_cannot_be_sent_is_tried_later_and_given_up_in_the_end()
    {
        await using var scene = await PortalScene.StartAsync(change: settings => new PortalSettings { Listener = settings.Listener, DataDirectory = settings.DataDirectory, PasswordIterations = 10, Mail = settings.Mail });
        var services = scene.Role.Services;
        var writer = services.GetRequiredService<IStoreWriter>();
        var transport = new BrokenTransport();
        using var sender = new MailSender(transport, services.GetRequiredService<IDbContextFactory<PortalContext>>(), writer, services.GetRequiredService<IStoreWatch>(), scene.Time, NullLogger<MailSender>.Instance);
        var later = scene.Time.GetUtcNow().ToUnixTimeMilliseconds() + 3_600_000;
        await writer.WriteAsync(
            batch =>
            {
                MailQueue.Add(batch, new("ann@example.org", "subject", "text", "html"), later);
                return true;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(0, await sender.SendDueAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, transport.Tries);
        scene.Time.Advance(TimeSpan.FromHours(1));
        for (var n = 0; n < MailSender.MostAttempts; n++)
        {
            await sender.SendDueAsync(TestContext.Current.CancellationToken);
            await sender.SendDueAsync(TestContext.Current.CancellationToken);
            scene.Time.Advance(TimeSpan.FromHours(25));
        }

        Assert.Equal((MailSender.MostAttempts, MailState.Dead), (transport.Tries, (await scene.MailsAsync("ann@example.org"))[0].State));
    }

    [Fact]
    public async Task A_mail_that_is_queued_wakes_the_sender()
    {
        await using var scene = await PortalScene.StartAsync();
        var services = scene.Role.Services;
        var transport = new HeardTransport();
        using var sender = new MailSender(transport, services.GetRequiredService<IDbContextFactory<PortalContext>>(), services.GetRequiredService<IStoreWriter>(), services.GetRequiredService<IStoreWatch>(), scene.Time, NullLogger<MailSender>.Instance);
        await sender.StartAsync(TestContext.Current.CancellationToken);

        await scene.SendAsync("POST", "/auth/signup", new { email = "ann@example.org", password = PortalScene.Password });

        Assert.Equal("ann@example.org", (await transport.Heard.Task.WaitAsync(TestContext.Current.CancellationToken)).Recipient);
        await sender.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class HeardTransport : IMailTransport
    {
        public TaskCompletionSource<OutboxMailRow> Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task SendAsync(OutboxMailRow mail, CancellationToken cancellationToken)
        {
            Heard.TrySetResult(mail);
            return Task.CompletedTask;
        }
    }

    private sealed class BrokenTransport : IMailTransport
    {
        public int Tries { get; private set; }

        public Task SendAsync(OutboxMailRow mail, CancellationToken cancellationToken)
        {
            Tries++;
            throw new IOException("The mail server is away.");
        }
    }
}
