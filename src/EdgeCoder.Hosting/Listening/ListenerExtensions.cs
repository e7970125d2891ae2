using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Listening;

/// <summary>Makes the web application of a role.</summary>
public static class ListenerExtensions
{
    /// <summary>Most bytes of a body, but for routes that say otherwise (coordinator-and-mesh 1).</summary>
    public const long MaxBodyBytes = 1 << 20;

    /// <summary>A builder that listens where the settings say, reads no configuration of its own and logs warnings to standard error.</summary>
    public static WebApplicationBuilder CreateRoleBuilder(ListenerSettings settings)
    {
        // Any other builder watches the working directory for files of configuration, and a user has few such watches (fs.inotify.max_user_instances, 128).
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);

        // Its warnings are advice to who tunes a cluster; what fails is an error, and reaches the operator.
        builder.Logging.AddFilter("Orleans", LogLevel.Error);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelCore();
        if (settings.CertificateFile is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            foreach (var address in settings.Addresses)
            {
                kestrel.Listen(address, settings.Port, listen =>
                {
                    if (settings.CertificateFile is { } certificate)
                    {
                        listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, settings.KeyFile));
                    }
                });
            }
        });
        builder.Services.AddRouting();
        return builder;
    }

    /// <summary>The addresses that a started application listens on.</summary>
    public static IReadOnlyList<Uri> ListensOn(this WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];
}
