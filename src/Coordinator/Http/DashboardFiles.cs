using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace MetaMap.Coordinator.Http;

/// <summary>
/// The dashboard at <c>/</c>: the files of the folder <c>Dashboard</c>, embedded in the assembly. They are the same for everybody, so they are open; the page
/// asks for a token where the data is not.
/// </summary>
internal static class DashboardFiles
{
    /// <summary>What the page may load: its own files, and pictures and video that it has made itself.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Answers requests for the files.</summary>
    public static void UseDashboard(this IApplicationBuilder app)
    {
        ManifestEmbeddedFileProvider files = new(typeof(DashboardFiles).Assembly, "Dashboard");
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files, DefaultFileNames = ["index.html"] });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = Protect });
    }

    private static void Protect(StaticFileResponseContext file)
    {
        IHeaderDictionary headers = file.Context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()";
        // Asked for again each time, and answered with 304: a new version of MetaMap is seen at once.
        headers.CacheControl = "no-cache";
    }
}
