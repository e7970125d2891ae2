using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Contexts;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Repositories;

/// <summary>What a session knows over all its prompts. Rebuilt from the journal when it is opened again.</summary>
internal sealed class RepositoryMind
{
    private readonly Func<string, string> _redact;

    /// <summary>A mind that knows nothing yet.</summary>
    public RepositoryMind(RepositoryTask task, AgentModel model, IRepositorySite site, ApprovalDesk desk, Func<string, string> redact)
    {
        (Task, Model, Site, Desk) = (task, model, site, desk);
        Tools = new ToolSet([.. site.Tools, new ReadOutputTool(Outputs)]);
        _redact = model.OnThisMachine ? static text => text : redact;
        Prompts = new RepositoryPrompts(Tools.Tools, _redact);
        Counts = new TokenCounts(model);
        Form = CallForms.First(model);
        DataClass = desk.Policy.DataClass(task.DataClass);
    }

    /// <summary>Lists as many tools in the prompts as the window has room for.</summary>
    public async ValueTask OfferAsync(CancellationToken cancellationToken) =>
        Prompts = new RepositoryPrompts(await OfferedTools.OfAsync(Tools.Tools, Model.Window, Counts.OfAsync, cancellationToken).ConfigureAwait(false), _redact);

    /// <summary>The task.</summary>
    public RepositoryTask Task { get; }

    /// <summary>The model.</summary>
    public AgentModel Model { get; }

    /// <summary>Where it works.</summary>
    public IRepositorySite Site { get; }

    /// <summary>Who decides on calls.</summary>
    public ApprovalDesk Desk { get; }

    /// <summary>The tools.</summary>
    public ToolSet Tools { get; }

    /// <summary>The prompts.</summary>
    public RepositoryPrompts Prompts { get; private set; }

    /// <summary>Counted texts.</summary>
    public TokenCounts Counts { get; }

    /// <summary>Whole results.</summary>
    public KeptOutputs Outputs { get; } = new();

    /// <summary>What was said.</summary>
    public Conversation Conversation { get; } = new();

    /// <summary>How the model calls; it only gets simpler.</summary>
    public CallForm Form { get; set; }

    /// <summary>Class of the work; it only gets narrower.</summary>
    public string DataClass { get; set; }

    /// <summary>Directories whose rules were looked for.</summary>
    public HashSet<string> RulesSought { get; } = new(StringComparer.Ordinal);

    /// <summary>The tests before the first change of the session.</summary>
    public TestReport? Baseline { get; set; }

    /// <summary>Whether the baseline was tried.</summary>
    public bool BaselineTried { get; set; }

    /// <summary>Why there is no report; null when there is one or nobody tried.</summary>
    public string? WhyNoTests { get; set; }

    /// <summary>The tree that the last whole test run saw.</summary>
    public string? TestedTree { get; set; }

    /// <summary>What that run said.</summary>
    public TestReport? TestedReport { get; set; }
}
