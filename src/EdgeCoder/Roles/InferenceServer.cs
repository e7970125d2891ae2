using EdgeCoder.Commands;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Roles;

/// <summary>The inference role as a listening server (port 4302).</summary>
internal sealed class InferenceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IReadOnlyList<ModelHub> _hubs;

    private InferenceServer(WebApplication app, IReadOnlyList<ModelHub> hubs) => (_app, _hubs) = (app, hubs);

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.ListensOn()[0];

    /// <summary>Starts it. The sandbox stays the caller's.</summary>
    public static async Task<InferenceServer> StartAsync(Surroundings surroundings, ProgramDirectories directories, ListenerSettings listener, InferenceSettings settings, ICodeExecutor executor, CancellationToken cancellationToken)
    {
        var hubs = ModelParts.Hubs(surroundings, directories, [ModelReach.ThisMachine, ModelReach.Team]);
        try
        {
            var builder = ListenerExtensions.CreateRoleBuilder(listener);
            builder.Services.AddInferenceRole(settings, hubs[0], hubs[1], executor, surroundings.Time);
            var app = builder.Build();
            app.UseProblems(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCoder.Inference"));
            app.UseAddressGuard(new AddressGuard(null, AddressGuard.ShellOrigins));
            app.UseRouting();
            app.MapInferenceRole();
            await app.StartAsync(cancellationToken);
            return new(app, hubs);
        }
        catch
        {
            await CloseAsync(hubs);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await CloseAsync(_hubs);
    }

    private static async ValueTask CloseAsync(IReadOnlyList<ModelHub> hubs)
    {
        foreach (var hub in hubs)
        {
            await hub.DisposeAsync();
        }
    }
}
