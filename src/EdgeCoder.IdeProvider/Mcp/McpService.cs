using System.Reflection;
using System.Text.Json;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Submissions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.IdeProvider.Egress;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>The MCP server: the same tools and resources over standard streams and over HTTP (agent-executor-models 8).</summary>
public sealed partial class McpService
{
    private const string Instructions =
        "EdgeCoder turns programming requests into tested code. execute_code runs a program in a sandbox, run_task works on a request on this machine, search_repository looks into a trusted project. Changes of a project wait in a worktree until a person applies them.";

    // A sandbox of its own for each; more at once would only take time from each other.
    private const int MostAtOnce = 4;

    private readonly McpParts _parts;
    private readonly ILogger _log;
    private readonly SessionResources _resources;
    private readonly SemaphoreSlim _slots = new(MostAtOnce, MostAtOnce);
    private readonly Dictionary<string, McpTool> _tools;

    /// <summary>Over these parts, which the caller owns.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="log">Told of faults of our own, never of what a caller did wrong; null: nobody is.</param>
    public McpService(McpParts parts, ILogger<McpService>? log = null)
    {
        (_parts, _log) = (parts, log ?? NullLogger<McpService>.Instance);
        _resources = new(parts);
        _tools = new McpTool[]
        {
            new RunTaskTool(parts),
            new ExecuteCodeTool(parts.Executor),
            new SearchRepositoryTool(parts.Places, parts.Time),
            new ListModelsTool(parts.ListModels),
            new SubmitTaskTool(parts.OpenCoordinator, new ReleasedPayload.Gate(new Redactor([]).Redact)),
            new TaskStatusTool(parts.OpenCoordinator),
            new TaskEventsTool(parts.OpenCoordinator, parts.Time),
            new TaskResultTool(parts.OpenCoordinator),
            new TaskReceiptsTool(parts.OpenCoordinator),
            new VerifyReceiptTool(),
        }.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    /// <summary>The tools.</summary>
    internal IEnumerable<McpTool> Tools => _tools.Values;

    /// <summary>Serves one client over streams until it ends them. Nothing but the protocol is written to <paramref name="output"/>.</summary>
    public async Task RunAsync(Stream input, Stream output, CancellationToken cancellationToken)
    {
        var options = new McpServerOptions();
        Configure(options, McpCaller.Person);
        await using var transport = new StreamServerTransport(input, output, "edgecoder");
        await using var server = McpServer.Create(transport, options);
        await server.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What one client's session offers.</summary>
    internal void Configure(McpServerOptions options, McpCaller caller)
    {
        options.ServerInfo = new Implementation { Name = "edgecoder", Title = "EdgeCoder", Version = Version() };
        options.ServerInstructions = Instructions;
        options.Capabilities = new() { Tools = new(), Resources = new() };
        options.Handlers = new()
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. _tools.Values.Select(Described)] }),
            CallToolHandler = (request, cancellationToken) => CallAsync(request, caller, cancellationToken),
            ListResourcesHandler = (_, _) => ValueTask.FromResult(_resources.Listed()),
            ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(SessionResources.Templates()),
            ReadResourceHandler = (request, cancellationToken) => ReadAsync(request.Params?.Uri ?? throw new McpProtocolException("uri is missing. List the resources with resources/list.", McpErrorCode.InvalidParams), cancellationToken),
        };
    }

    private static string Version() => typeof(McpService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private static Tool Described(McpTool tool) => new()
    {
        Name = tool.Name,
        Description = tool.Description,
        InputSchema = tool.Schema,
        Annotations = new() { ReadOnlyHint = tool.ReadOnly, DestructiveHint = false, OpenWorldHint = tool.OpenWorld },
    };

    // Whatever goes wrong with a call is a result that says what to do next: a model reads results, nobody reads protocol errors.
    private async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, McpCaller caller, CancellationToken cancellationToken)
    {
        if (request.Params is not { } given || !_tools.TryGetValue(given.Name ?? "", out var tool))
        {
            throw new McpProtocolException($"There is no tool {SessionResources.Short(request.Params?.Name ?? "without a name")}. The tools are: {string.Join(", ", _tools.Keys)}.", McpErrorCode.InvalidParams);
        }

        var arguments = Object(given.Arguments);
        if (SchemaCheck.Check(arguments, tool.Schema) is { } wrong)
        {
            return Failed(new("invalid_arguments", $"The arguments of {tool.Name} do not fit: {wrong}", "Call it again with arguments that fit."));
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, caller.Gone());
        try
        {
            await _slots.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                var answer = await tool.RunAsync(new(arguments, caller, new McpProgress(request.Server, given.ProgressToken).TellAsync), either.Token).ConfigureAwait(false);
                return new() { Content = [new TextContentBlock { Text = answer.Text }], StructuredContent = answer.Value };
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && either.IsCancellationRequested)
        {
            return Failed(new("cancelled", "The connection that asked is closed, so the call was ended.", null));
        }
        catch (McpFault fault)
        {
            return Failed(fault.Problem);
        }
        catch (ToolException fault)
        {
            return Failed(new("refused", fault.Message, null));
        }
        catch (SubmitterException fault)
        {
            return Failed(new(fault.Code, fault.Message, fault.Hint));
        }
        catch (Exception fault) when (fault is not OperationCanceledException && _parts.Explain(fault) is { } problem)
        {
            return Failed(problem);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(_log, tool.Name, fault.GetType().Name, fault.StackTrace);
            return Failed(new("internal_error", "Something failed here that should not.", "Try again; the operator finds it in the log."));
        }
    }

    private async ValueTask<ReadResourceResult> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        try
        {
            return await _resources.ReadAsync(uri, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or McpException))
        {
            LogFailed(_log, "resources/read", fault.GetType().Name, fault.StackTrace);
            throw new McpProtocolException("Something failed here that should not. Try again; the operator finds it in the log.", McpErrorCode.InternalError);
        }
    }

    private static CallToolResult Failed(McpProblem problem) => new()
    {
        IsError = true,
        Content = [new TextContentBlock { Text = $"{problem.Code}: {problem.Message}{(problem.Next is { } next ? $"\nWhat to do: {next}" : "")}" }],
    };

    private static JsonElement Object(IDictionary<string, JsonElement>? arguments)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
