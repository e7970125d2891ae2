using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Limits;

/// <summary>The limits of portal-and-control-plane 3.3 that this role has routes for. Each number is a setting.</summary>
internal sealed record LimitSettings
{
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary><c>RATE_LIMIT_LOGIN_ACCOUNT</c>: password sign-ins of an address to one account.</summary>
    public Limit SignInAccount { get; init; } = new("login-account", 10, FiveMinutes);

    /// <summary><c>RATE_LIMIT_LOGIN_ADDRESS</c>: password sign-ins of an address.</summary>
    public Limit SignInAddress { get; init; } = new("login-address", 30, FiveMinutes);

    /// <summary><c>RATE_LIMIT_SIGNUP</c>: sign-ups of an address.</summary>
    public Limit SignUp { get; init; } = new("signup", 5, Hour);

    /// <summary><c>RATE_LIMIT_MAIL_ACCOUNT</c>: mails that anybody can cause, to one recipient.</summary>
    public Limit MailAccount { get; init; } = new("mail-account", 3, Hour);

    /// <summary><c>RATE_LIMIT_MAIL_ADDRESS</c>: the same, caused by one address.</summary>
    public Limit MailAddress { get; init; } = new("mail-address", 10, Hour);

    /// <summary><c>RATE_LIMIT_LINK_ADDRESS</c>: tries of links, setup codes and current passwords by one address.</summary>
    public Limit Links { get; init; } = new("link-address", 30, FiveMinutes);

    /// <summary><c>RATE_LIMIT_PASSKEY</c>: options and answers of passkeys of an address.</summary>
    public Limit Passkeys { get; init; } = new("passkey-address", 30, FiveMinutes);

    /// <summary><c>RATE_LIMIT_STEP_UP</c>: confirmations that a person asks for.</summary>
    public Limit StepUp { get; init; } = new("step-up", 20, Hour);

    /// <summary><c>RATE_LIMIT_SUBMIT</c>: tasks of a person.</summary>
    public Limit Submit { get; init; } = new("submit", 30, TimeSpan.FromMinutes(1));

    /// <summary><c>RATE_LIMIT_ANSWER</c>: answers of a person to escalations.</summary>
    public Limit Answer { get; init; } = new("answer", 30, TimeSpan.FromMinutes(1));

    /// <summary>The longest window; older rows count for nothing.</summary>
    public static TimeSpan LongestWindow => Hour;

    /// <summary>Reads them. 0 switches one off, on loopback outside production only.</summary>
    public static LimitSettings Read(SettingsReader reader, bool strict)
    {
        var standard = new LimitSettings();
        return new()
        {
            SignInAccount = One("RATE_LIMIT_LOGIN_ACCOUNT", standard.SignInAccount),
            SignInAddress = One("RATE_LIMIT_LOGIN_ADDRESS", standard.SignInAddress),
            SignUp = One("RATE_LIMIT_SIGNUP", standard.SignUp),
            MailAccount = One("RATE_LIMIT_MAIL_ACCOUNT", standard.MailAccount),
            MailAddress = One("RATE_LIMIT_MAIL_ADDRESS", standard.MailAddress),
            Passkeys = One("RATE_LIMIT_PASSKEY", standard.Passkeys),
            StepUp = One("RATE_LIMIT_STEP_UP", standard.StepUp),
            Submit = One("RATE_LIMIT_SUBMIT", standard.Submit),
            Answer = One("RATE_LIMIT_ANSWER", standard.Answer),
            Links = One("RATE_LIMIT_LINK_ADDRESS", standard.Links),
        };

        Limit One(string name, Limit limit) => limit with { Most = reader.Number(name, limit.Most, strict ? 1 : 0, 1_000_000) };
    }
}
