# kube-router beside the iptables, ipset and ip that it calls: the files of just those Debian packages, as for kube-proxy.
ARG ROOTFS
FROM ${ROOTFS} AS files
LABEL local.lab-operator.stage=files
RUN dpkg-query -L iptables nftables ipset libipset13 iproute2 libc6 libmnl0 libnftnl11 libnfnetlink0 \
      libnetfilter-conntrack3 libxtables12 libip4tc2 libip6tc2 libnftables1 libjansson4 libgmp10 libedit2 \
      libbsd0 libmd0 libtinfo6 libbpf1 libelf1 zlib1g libcap2 libselinux1 libpcre2-8-0 libdb5.3 libtirpc3 \
      libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libkrb5support0 libkeyutils1 libssl3 kmod libkmod2 \
      libzstd1 liblzma5 dash coreutils libacl1 libattr1 \
      | grep -v /usr/share/ | sort -u | while read -r path; do \
        { [ -d "$path" ] && [ ! -L "$path" ]; } || echo "$path"; done >/files \
 && mkdir -p /out/usr/bin /out/usr/lib /out/usr/lib64 /out/usr/sbin /out/tmp && cp -a /bin /lib /lib64 /sbin /out/ \
 && tar --create --files-from=/files | tar --extract --keep-directory-symlink --directory=/out \
 && cp -a --parents /etc/alternatives/iptables* /etc/alternatives/ip6tables* /usr/sbin/iptables* /usr/sbin/ip6tables* /out/
FROM scratch
COPY --from=files /out /
COPY kube-router /usr/local/bin/kube-router
ENTRYPOINT ["/usr/local/bin/kube-router"]
