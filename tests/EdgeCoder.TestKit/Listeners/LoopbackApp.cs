using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.TestKit.Listeners;

/// <summary>The beginning of every server of a test: a free port of loopback, and nothing written to the log.</summary>
public static class LoopbackApp
{
    /// <summary>A builder.</summary>
    /// <param name="time">The test's clock; null: none is registered.</param>
    public static WebApplicationBuilder NewBuilder(TimeProvider? time = null)
    {
        // Any other builder watches the working directory for files of configuration, and a user has few such watches for all processes.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        return builder;
    }
}
