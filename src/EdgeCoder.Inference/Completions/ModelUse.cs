using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;

namespace EdgeCoder.Inference.Completions;

/// <summary>A model for the time of one request.</summary>
internal sealed class ModelUse : IAsyncDisposable
{
    private readonly WarmModel _models;
    private bool _failed;

    private ModelUse(WarmModel models, SelectedModel selected) => (_models, Selected) = (models, selected);

    /// <summary>The model.</summary>
    public SelectedModel Selected { get; }

    /// <summary>Opens one. Throws <see cref="ApiFault"/>.</summary>
    public static async Task<ModelUse> OpenAsync(WarmModel models, RequestedReach reach, ModelRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return new(models, await models.OpenAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw ModelFaults.OfOpening(fault, reach);
        }
    }

    /// <summary>The next request opens the model anew.</summary>
    public void Failed() => _failed = true;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _models.ReturnAsync(Selected, _failed);
}
