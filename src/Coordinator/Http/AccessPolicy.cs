using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>
/// Who may do what when the coordinator has tokens: one fallback policy for every endpoint without its own (and for paths
/// that do not exist), so that a new endpoint is closed by default. Reading needs a token, everything else one with the
/// scope <see cref="AccessScope.Write"/>; <c>AllowAnonymous</c> opens an endpoint.
/// </summary>
internal static class AccessPolicy
{
    /// <summary>Adds authentication by token, and the policy.</summary>
    /// <param name="services">The services.</param>
    /// <param name="tokens">Null: everything is open.</param>
    public static IServiceCollection AddAccess(this IServiceCollection services, AccessTokens? tokens)
    {
        // Without cookies there is nothing for data protection to do, which AddAuthentication would add, and which leaves a key in the home folder.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = TokenAuthentication.SchemeName;
            options.AddScheme<TokenAuthentication>(TokenAuthentication.SchemeName, null);
        });
        services.AddWebEncoders();
        services.AddTransient<TokenAuthentication>();
        return services.AddAuthorization(authorization => authorization.FallbackPolicy = tokens is null ? null
            : new AuthorizationPolicyBuilder(TokenAuthentication.SchemeName)
                .RequireAuthenticatedUser()
                .RequireAssertion(context => context.Resource is HttpContext http
                    && (Needs(http.Request.Method) == AccessScope.Read || context.User.HasClaim(TokenAuthentication.ScopeClaim, nameof(AccessScope.Write))))
                .Build());
    }

    /// <summary>The scope that an HTTP method needs.</summary>
    public static AccessScope Needs(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        ? AccessScope.Read : AccessScope.Write;
}
