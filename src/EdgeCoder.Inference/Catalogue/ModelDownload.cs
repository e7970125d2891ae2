using System.Net;
using System.Net.Http.Headers;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// Fetches a model file into the store. In this order:
/// 1. the source is on the list; 2. one download at a time per digest; 3. what is here already is used; 4. size and disk space are checked
/// before the first byte; 5. the body is taken, continued after a cut with the same validator (RFC 9110, 14), never beyond its size;
/// 6. the whole file is hashed; 7. its header is read; 8. it is renamed into its place and named.
/// Until step 8 nothing of it can be loaded. A cancelled or cut download is continued by the next one.
/// </summary>
public sealed class ModelDownload : IDisposable
{
    private const int PieceBytes = 1 << 18;
    private const int MaxRedirects = 5;
    private const int MaxCutsInARow = 3;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    private readonly ModelStore _store;
    private readonly SourceAllowList _sources;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>Downloads into this store from these sources.</summary>
    public ModelDownload(ModelStore store, SourceAllowList sources, TimeProvider time)
    {
        _store = store;
        _sources = sources;
        _time = time;
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = ConnectTime }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new("EdgeCoder", null));
    }

    /// <summary>
    /// Fetches the file. Throws <c>source_not_allowed</c>, <c>disk_full</c>, <c>network_unavailable</c>, <c>pull_failed</c> (the server refuses),
    /// <c>redirect_refused</c>, <c>size_mismatch</c>, <c>stream_interrupted</c>, <c>checksum_mismatch</c> or <c>model_file_invalid</c>.
    /// </summary>
    public async Task<StoredModel> RunAsync(DownloadRequest request, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        // 1. Source and name.
        _sources.Require(request.Source);
        var id = ModelNames.Check(request.Description.ModelId);
        void Tell(string status, long done, long? total) => progress?.Report(new(id, status, done, total));

        // 2. One at a time.
        using var mine = await DigestLock.TakeAsync(
            _store.Layout, request.Digest, _time, () => Tell("waiting for another download of the same file", 0, request.SizeBytes), cancellationToken).ConfigureAwait(false);

        // 3. Already here, under this id or another.
        var place = _store.Layout.Blob(request.Digest);
        if (File.Exists(place) && await ModelDigest.OfFileAsync(place, cancellationToken).ConfigureAwait(false) == request.Digest)
        {
            return Register(request, place, Tell);
        }

        // 4. and 5. The body.
        var partial = new PartialDownload(_store.Layout, request.Digest);
        try
        {
            await FetchAsync(request, partial, Tell, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            throw DiskSpace.Full(partial.Path, e);
        }

        // 6. The whole file.
        Tell("verifying", partial.Length, partial.Length);
        var found = await ModelDigest.OfFileAsync(partial.Path, cancellationToken).ConfigureAwait(false);
        if (found != request.Digest)
        {
            partial.Delete();
            throw new ModelException(
                "checksum_mismatch",
                $"{request.Source} gave a file with digest {found}, not {request.Digest}. It has been deleted.",
                "Try again. If it happens twice, the file was changed at its source: do not use it.");
        }

        // 7. A file that no engine should be shown is not kept, whatever its digest.
        try
        {
            using var file = File.OpenRead(partial.Path);
            GgufHeader.Read(file);
        }
        catch (ModelException)
        {
            partial.Delete();
            throw;
        }

        // 8. Into its place.
        StoreLayout.MakeParent(place);
        File.Move(partial.Path, place, overwrite: true);
        partial.Done();
        return Register(request, place, Tell);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private StoredModel Register(DownloadRequest request, string place, Action<string, long, long?> tell)
    {
        using var file = File.OpenRead(place);
        var model = _store.Register(GgufHeader.Read(file).Complete(request.Description), request.Digest, file.Length, request.Source);
        tell("done", file.Length, file.Length);
        return model;
    }

    private async Task FetchAsync(DownloadRequest request, PartialDownload partial, Action<string, long, long?> tell, CancellationToken cancellationToken)
    {
        for (var cuts = 0; ;)
        {
            var before = partial.Length;
            long? total = null;
            try
            {
                total = await FetchOnceAsync(request, partial, tell, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelException e) when (e.Code == "network_unavailable" && before > 0 && cuts + 1 < MaxCutsInARow)
            {
                // The network went away in the middle; it may be back.
            }

            if (total is { } whole && partial.Length == whole)
            {
                return;
            }

            // Cut off. As long as each try brings something, go on.
            cuts = partial.Length > before ? 0 : cuts + 1;
            if (cuts == MaxCutsInARow)
            {
                throw new ModelException(
                    "stream_interrupted",
                    $"The download of {request.Description.ModelId} was cut off after {partial.Length} bytes.",
                    "Start the same command again; it goes on where it stopped.");
            }
        }
    }

    /// <summary>One request. Gives the size of the whole file, or null when it is not known to be complete.</summary>
    private async Task<long?> FetchOnceAsync(DownloadRequest request, PartialDownload partial, Action<string, long, long?> tell, CancellationToken cancellationToken)
    {
        var tag = partial.Tag;
        var here = tag is null ? 0 : partial.Length;
        if (here == 0)
        {
            partial.Restart(null);
        }
        else if (here == request.SizeBytes)
        {
            return here;
        }

        tell(here == 0 ? "starting" : "continuing", here, request.SizeBytes);
        using var response = await AskAsync(request, here, tag, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            if (response.Content.Headers.ContentRange?.Length == here && request.SizeBytes is null)
            {
                return here; // Everything was here already.
            }

            partial.Delete();
            return null;
        }

        var continues = Continues(response, here, tag);
        if (!continues)
        {
            if (response.StatusCode == HttpStatusCode.PartialContent)
            {
                partial.Delete(); // The file changed at its source, or the server does not do what it was asked.
                return null;
            }

            partial.Restart(response.Headers.ETag);
            here = 0;
        }

        var total = Total(response, here) ?? throw new ModelException(
            "size_mismatch", $"{request.Source} does not say how large the file is.", "Take a source that does.");
        if (request.SizeBytes is { } expected && total != expected)
        {
            partial.Delete();
            throw new ModelException("size_mismatch", $"{request.Source} offers {total} bytes instead of {expected}.", "The file was changed at its source; it was not fetched.");
        }

        DiskSpace.Require(partial.Path, total - here);
        return await TakeBodyAsync(response, partial, here, total, tell, cancellationToken).ConfigureAwait(false) ? total : null;
    }

    private static bool Continues(HttpResponseMessage response, long here, EntityTagHeaderValue? tag) =>
        here > 0 && response.StatusCode == HttpStatusCode.PartialContent
        && response.Content.Headers.ContentRange is { From: { } from } && from == here
        && (response.Headers.ETag is null || response.Headers.ETag.Equals(tag));

    private static long? Total(HttpResponseMessage response, long here) =>
        response.StatusCode == HttpStatusCode.PartialContent
            ? response.Content.Headers.ContentRange?.Length ?? here + response.Content.Headers.ContentLength
            : response.Content.Headers.ContentLength;

    /// <summary>True when the whole is here; false when the connection was cut.</summary>
    private async Task<bool> TakeBodyAsync(
        HttpResponseMessage response, PartialDownload partial, long here, long total, Action<string, long, long?> tell, CancellationToken cancellationToken)
    {
        using var stall = new CancellationTokenSource(Stall, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        await using var file = partial.Append();
        var piece = new byte[PieceBytes];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            while (true)
            {
                var read = await body.ReadAsync(piece, either.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                here += read;
                if (here > total)
                {
                    await file.DisposeAsync().ConfigureAwait(false);
                    partial.Delete();
                    throw new ModelException("size_mismatch", $"The source sent more than the {total} bytes of the file.", "It was not kept.");
                }

                await file.WriteAsync(piece.AsMemory(0, read), either.Token).ConfigureAwait(false);
                tell("downloading", here, total);
                stall.CancelAfter(Stall);
            }
        }
        catch (HttpIOException)
        {
            return false;
        }
        catch (IOException e) when (!DiskSpace.IsFull(e))
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // Stalled.
        }

        file.Flush(flushToDisk: true);
        return here == total;
    }

    private async Task<HttpResponseMessage> AskAsync(DownloadRequest request, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        var address = request.Source;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var response = await SendAsync(address, from, tag, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location)
            {
                response.Dispose();
                address = new(address, location);
                _sources.RequireHop(address);
                if (request.OnlyListedHops)
                {
                    _sources.Require(address);
                }

                continue;
            }

            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return response;
            }

            var status = (int)response.StatusCode;
            response.Dispose();
            throw new ModelException(
                "pull_failed",
                $"{address.GetLeftPart(UriPartial.Path)} answered with status {status}.",
                status switch
                {
                    401 or 403 => "The source wants a sign-in or a licence agreement; fetch the file with a browser and add it: edgecoder models add NAME FILE",
                    404 => "The file is not there any more.",
                    _ => "Try again later.",
                });
        }

        throw new ModelException("redirect_refused", $"{request.Source} redirects more than {MaxRedirects} times.", "Take another source.");
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0 && tag is not null)
        {
            request.Headers.Range = new(from, null);
            request.Headers.IfRange = new(tag);
        }

        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new ModelException(
                "network_unavailable",
                $"{address.Host} cannot be reached: {e.Message}",
                "Check the network. On a machine without one, fetch the file elsewhere and add it: edgecoder models add NAME FILE",
                e);
        }
    }
}
