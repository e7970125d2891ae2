using System.Xml.Linq;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.DataProtection;

/// <summary>The keys of Data Protection as rows.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
internal sealed class StoredKeyRing(IDbContextFactory<PortalContext> contexts, IStoreWriter writer) : IXmlRepository
{
    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var context = contexts.CreateDbContext();
        return [.. context.Set<DataProtectionKeyRow>().AsEnumerable().Select(row => XElement.Parse(row.Xml))];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) =>
        writer.WriteAsync(batch => batch.TryInsert(new DataProtectionKeyRow { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) }), CancellationToken.None).GetAwaiter().GetResult();
}
