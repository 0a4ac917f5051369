"""The receipt: what it says (contenu), in which signs (ecriture), on which page (mise_en_page); its verification."""
