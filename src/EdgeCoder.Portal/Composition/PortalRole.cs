using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.DataProtection;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Status;
using EdgeCoder.Portal.Tasks;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeCoder.Portal.Composition;

/// <summary>The portal as a listening server (portal-and-control-plane; port 4310).</summary>
public sealed class PortalRole : IAsyncDisposable
{
    private const string Cors = "native";

    private readonly WebApplication _app;

    private PortalRole(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.ListensOn()[0];

    /// <summary>What people open.</summary>
    public Uri PublicUrl => _app.Services.GetRequiredService<PortalAddress>().Base;

    /// <summary>Its routes, for tests.</summary>
    internal IReadOnlyList<Endpoint> Routes => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    /// <summary>Its parts, for tests.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">The data directory, or its key file, cannot be used.</exception>
    /// <exception cref="StoreRefusedException">The store is newer than the program, or cannot be used.</exception>
    public static async Task<PortalRole> StartAsync(PortalSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var builder = ListenerExtensions.CreateRoleBuilder(settings.Listener);
        Add(builder.Services, settings, time);
        builder.Logging.AddFilter("EdgeCoder.Portal.Mail", LogLevel.Information);

        // A form that is out of date is no event of the operator.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        var app = builder.Build();
        try
        {
            Use(app, settings);
            Map(app);
            if (settings.PublicUrl is { } known)
            {
                app.Services.GetRequiredService<PortalAddress>().Base = known;
            }

            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            if (settings.PublicUrl is null)
            {
                app.Services.GetRequiredService<PortalAddress>().Base = app.ListensOn()[0];
            }

            return new(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The one-use link of the first administrator, for the console of this machine only; null when there is an administrator.</summary>
    public Task<Uri?> FirstAdministratorLinkAsync(CancellationToken cancellationToken) => _app.Services.GetRequiredService<FirstAdministrator>().LinkAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Services of the portal's data, which the console's command has too.</summary>
    internal static void AddData(IServiceCollection services, PortalSettings settings, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton(settings);
        services.AddSingleton<PortalAddress>();
        services.AddStore<PortalContext>(StoreSettings.From(settings.DatabaseUrl, settings.DataDirectory, "portal"));
        services.AddSingleton<AccountStore>();
        services.AddSingleton<FirstAdministrator>();
    }

    private static void Add(IServiceCollection services, PortalSettings settings, TimeProvider time)
    {
        AddData(services, settings, time);
        services.AddSingleton(_ => WrappingKey.Load(settings.KeyFile ?? Path.Combine(settings.DataDirectory, "data-protection.key"), mayMake: settings.KeyFile is null));
        services.AddDataProtection().SetApplicationName("edgecoder-portal");
        services.AddSingleton<StoredKeyRing>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            options.XmlRepository = provider.GetRequiredService<StoredKeyRing>();
            options.XmlEncryptor = new KeyWrapping(provider.GetRequiredService<WrappingKey>());
        }));
        services.AddRazorComponents();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "edgecoder_portal_antiforgery";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = settings.Exposed ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<IAntiforgeryAdditionalDataProvider, SessionInToken>();
        services.AddCors(cors => cors.AddPolicy(Cors, policy => policy
            .WithOrigins([.. settings.AllowedOrigins])
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
            .WithHeaders("authorization", "content-type", "idempotency-key", "requestverificationtoken")
            .SetPreflightMaxAge(TimeSpan.FromDays(1))));
        services.AddSingleton<SessionStore>().AddSingleton<LimitCounter>().AddSingleton<AuditReading>();
        services.AddSingleton(_ => new PasswordHashing(settings.PasswordIterations));
        services.AddSingleton<SignUp>().AddSingleton<SignIn>().AddSingleton<PasswordChange>();
        AddPasskeys(services);
        services.AddPeople(settings);
        services.AddHomeCoordinator();
        services.AddWork();
        services.AddSingleton<ViolationReports>();
        services.AddSingleton<ExpiredRows>().AddHostedService(provider => provider.GetRequiredService<ExpiredRows>());
        if (settings.Mail.Kind != MailTransportKind.None)
        {
            services.AddSingleton(settings.Mail);
            if (settings.Mail.Kind == MailTransportKind.Smtp)
            {
                services.AddSingleton<IMailTransport, SmtpTransport>();
            }
            else
            {
                services.AddSingleton<IMailTransport, FolderTransport>();
            }

            services.AddSingleton<MailSender>().AddHostedService(provider => provider.GetRequiredService<MailSender>());
        }
    }

    private static void AddPasskeys(IServiceCollection services)
    {
        services.AddSingleton<RelyingParty>().AddSingleton<ChallengeStore>().AddSingleton<PasskeyDesk>().AddSingleton<StepUp>().AddSingleton(new StepUpAction(PasskeyEndpoints.DeleteAction));
        services.AddIdentityCore<AccountRow>();
        services.AddScoped<IUserStore<AccountRow>, PasskeyUsers>();
        services.AddScoped<IPasskeyHandler<AccountRow>, PasskeyHandler<AccountRow>>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<RelyingParty>((options, party) => party.Configure(options));
        services.AddHostedService<RelyingPartyGuard>();
    }

    // The order is the protection: what looks at a request first is what refuses most cheaply.
    private static void Use(WebApplication app, PortalSettings settings)
    {
        app.UseSecurityHeaders(settings);
        app.UsePortalProblems(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCoder.Portal"));
        app.UseForwardedAddress(settings.Listener.TrustedProxies);
        app.UseHostCheck(settings);
        app.UseRouting();
        app.UseCors(Cors);
        app.UseAccess();
        app.UseForgeryCheck(settings);
    }

    private static void Map(WebApplication app)
    {
        app.MapAssets();
        app.MapHealth();
        app.MapViolationReports();
        app.MapAccounts();
        app.MapOwn();
        app.MapPasskeys();
        app.MapWork();
        app.MapAudit();
        app.MapPeople();
        app.MapChanges();
        app.MapPages();
    }
}
