using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MetaMap.Coordinator.Http;

/// <summary>
/// Keeps pages of other sites, open in the browser of somebody who can reach this coordinator, from sending it orders: browsers say where a request is from
/// (Fetch Metadata, <c>Sec-Fetch-Site</c>); other clients say nothing.
/// </summary>
internal static class OtherSites
{
    private const string Header = "Sec-Fetch-Site";

    /// <summary>Refuses orders of other sites with 403.</summary>
    public static void RefuseOtherSites(this IApplicationBuilder app) => app.Use((HttpContext context, RequestDelegate next) =>
        AccessPolicy.Needs(context.Request.Method) == AccessScope.Write && context.Request.Headers[Header].ToString() is not ("" or "none" or "same-origin")
            ? Problems.Write(context, StatusCodes.Status403Forbidden, "This order is from a page of another site, and browsers may send orders from this coordinator's own pages only.")
            : next(context));
}
